import { Cluster, Fleet, Workspace, type Problem } from '../../src';
import { printProblems, printSummary, summaryTable } from '../../src/fleet/report';

const PROBLEMS: readonly Problem[] = [
  {
    severity: 'error',
    code: 'unknown-field',
    position: { file: 'a.yaml', line: 3, column: 5 },
    field: 'resource.instanceTyp',
    message: 'unknown field',
    allowed: 'count, instanceType',
    next: 'did you mean instanceType?',
  },
  {
    severity: 'warning',
    code: 'unused-config',
    position: { construct: 'fleet/prod/chat' },
    field: '',
    message: 'no Workspace names it',
  },
  {
    severity: 'error',
    code: 'empty-file',
    position: { file: 'a.yaml', line: 9, column: 1 },
    field: '',
    message: 'holds no document',
  },
];

function printed(problems: readonly Problem[]): string {
  let text = '';
  printProblems(problems, { write: (part) => (text += part) });
  return text;
}

describe('printProblems', () => {
  it('groups problems by where they are, and counts them', () => {
    expect(printed(PROBLEMS)).toBe(`a.yaml
  a.yaml:3:5  error  resource.instanceTyp: unknown field  unknown-field
      allowed: count, instanceType
      next: did you mean instanceType?
  a.yaml:9:1  error  holds no document  empty-file

fleet/prod/chat
  fleet/prod/chat  warning  no Workspace names it  unused-config

2 errors, 1 warning
`);
  });

  it('prints nothing for no problems', () => {
    expect(printed([])).toBe('');
  });
});

describe('printSummary', () => {
  it('says below the table where a placement differs from what KAITO would make', () => {
    const fleet = new Fleet();
    const cluster = new Cluster(fleet, 'prod', {
      cloud: 'aws',
      nodeProvisioning: { kind: 'karpenter', aws: { role: 'R' } },
    });
    new Workspace(cluster, 'chat', {
      resource: { instanceType: 'g5.xlarge' },
      inference: { preset: { name: 'gemma-4-31b-it' } },
    });
    let text = '';
    const report = { added: [], changed: [], removed: [], unchanged: 0, editedByHand: [] };
    printSummary(fleet.render(), report, 'gitops', { write: (part) => (text += part) });
    expect(text).toMatch(/5 x 1[^]*\nnote {2}prod\/default\/chat: KAITO's 4 nodes .* too little/);
  });

  it('names no price list for own nodes, which have no price', () => {
    const fleet = new Fleet();
    const cluster = new Cluster(fleet, 'lab', {
      nodeProvisioning: {
        kind: 'ownNodes',
        gpu: { product: 'NVIDIA-A100-SXM4-80GB', count: 1, memoryGiB: 80 },
      },
    });
    new Workspace(cluster, 'chat', { inference: { preset: { name: 'phi-4-mini-instruct' } } });
    const table = summaryTable(fleet.render().decisions, false);
    expect(table).toContain('unknown');
    expect(table).not.toContain('prices:');
  });
});
