import fc from 'fast-check';
import {
  Cluster,
  Fleet,
  InvalidInputError,
  Workspace,
  type BudgetProps,
  type WorkspaceFields,
  type WorkspaceProps,
} from '../../src';
import { checkBudget } from '../../src/fleet/budget/check';
import type { Usage } from '../../src/fleet/budget/usage';

const A100 = 'Standard_NC24ads_A100_v4';
const phi = (
  namespace: string,
  more: Omit<WorkspaceFields, 'inference' | 'tuning'> = {},
  replicas = 1,
): WorkspaceProps => ({
  namespace,
  resource: { instanceType: A100 },
  inference: { preset: { name: 'phi-4-mini-instruct' }, replicas },
  ...more,
});

interface Budgets {
  readonly fleet?: BudgetProps;
  readonly cluster?: BudgetProps;
}

function render({ fleet, cluster }: Budgets, ...workspaces: readonly WorkspaceProps[]) {
  const root = new Fleet(fleet === undefined ? {} : { budget: fleet });
  const prod = new Cluster(root, 'prod', cluster === undefined ? {} : { budget: cluster });
  workspaces.forEach((workspace, index) => new Workspace(prod, `w${index}`, workspace));
  return root.render();
}

function problemsOf(budgets: Budgets, ...workspaces: readonly WorkspaceProps[]) {
  try {
    return render(budgets, ...workspaces).problems;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

test("a namespace's GPUs are a ResourceQuota, in the order of things before any pod", () => {
  const { tree } = render({ cluster: { namespaces: { chat: { gpus: 4 } } } }, phi('chat'), phi('other'));
  expect(tree.get('prod/platform/resourcequota-chat-gpus.yaml')).toBe(
    `apiVersion: v1
kind: ResourceQuota
metadata:
  name: chat-gpus
  namespace: chat
  annotations:
    argocd.argoproj.io/sync-wave: "-30"
  labels:
    app.kubernetes.io/managed-by: slipway
spec:
  hard:
    requests.nvidia.com/gpu: "4"
`,
  );
  expect([...tree.keys()].filter((path) => path.includes('quota'))).toHaveLength(1);
});

describe('MIG slices', () => {
  const slices = (replicas: number): WorkspaceProps => ({
    namespace: 'lab',
    resource: { partition: { mode: 'mig', profile: '3g.40gb' } },
    inference: { preset: { name: 'phi-4-mini-instruct' }, contextLength: 8192, replicas },
  });
  const renderLab = (limit: number, replicas: number) => {
    const fleet = new Fleet();
    const lab = new Cluster(fleet, 'lab', {
      nodeProvisioning: {
        kind: 'ownNodes',
        gpu: { product: 'NVIDIA-A100-SXM4-80GB', count: 8, memoryGiB: 80 },
      },
      budget: { namespaces: { lab: { gpus: 2, migSlices: { '3g.40gb': limit } } } },
    });
    new Workspace(lab, 'notes', slices(replicas));
    return fleet.render();
  };

  it('are counted by their profile, and in the quota', () => {
    const { tree } = renderLab(4, 4);
    const quota = tree.get('lab/platform/resourcequota-lab-gpus.yaml');
    expect(quota).toContain('requests.nvidia.com/gpu: "2"');
    expect(quota).toContain('requests.nvidia.com/mig-3g.40gb: "4"');
  });

  it('are an error when there are more than the budget has', () => {
    expect(() => renderLab(3, 4)).toThrow(InvalidInputError);
    try {
      renderLab(3, 4);
    } catch (error) {
      expect((error as InvalidInputError).problems).toMatchObject([
        {
          code: 'over-budget',
          field: 'budget.namespaces.lab.migSlices["3g.40gb"]',
          message: expect.stringContaining(
            'up to 4 slices of 3g.40gb, the limit is 3 slices of 3g.40gb',
          ) as string,
        },
      ]);
    }
  });
});

test("the cluster's limit of a namespace wins over the fleet's", () => {
  const quota = (budgets: Budgets) =>
    render(budgets, phi('chat')).tree.get('prod/platform/resourcequota-chat-gpus.yaml');
  const fleet = { namespaces: { chat: { gpus: 8 } } };
  expect(quota({ fleet })).toContain('"8"');
  expect(quota({ fleet, cluster: { namespaces: { chat: { gpus: 2 } } } })).toContain('"2"');
});

test('more than the budget is an error with who uses how much', () => {
  expect(
    problemsOf({ cluster: { namespaces: { chat: { gpus: 2 } } } }, phi('chat', {}, 2), phi('chat')),
  ).toMatchObject([
    {
      code: 'over-budget',
      position: { construct: 'prod' },
      field: 'budget.namespaces.chat.gpus',
      message:
        'the Workspaces of namespace chat use up to 3 GPUs, the limit is 2 GPUs: prod/chat/w0 2 GPUs, prod/chat/w1 1 GPU',
    },
  ]);
});

test('an autoscaled Workspace counts with all replicas that there may be', () => {
  const scaled: WorkspaceProps = {
    namespace: 'chat',
    resource: { instanceType: A100 },
    autoscaling: { maxReplicas: 3 },
    inference: { preset: { name: 'phi-4-mini-instruct' } },
  };
  expect(problemsOf({ cluster: { gpus: 2 } }, scaled)).toMatchObject([
    { field: 'budget.gpus', message: expect.stringContaining('use up to 3 GPUs') as string },
  ]);
});

test('a list of machine types counts with the dearest', () => {
  const listed = phi('chat', { resource: { instanceType: [A100, 'Standard_NC40ads_H100_v5'] } });
  expect(problemsOf({ fleet: { usdPerHour: 5 } }, listed)).toMatchObject([
    {
      position: { construct: 'fleet' },
      field: 'budget.usdPerHour',
      message:
        'the Workspaces of the fleet use up to 6.98 USD an hour, the limit is 5.00 USD an hour: prod/chat/w0 6.98 USD an hour',
    },
  ]);
});

test('the fleet counts all its clusters together', () => {
  const fleet = new Fleet({ budget: { gpus: 1 } });
  for (const name of ['east', 'west']) new Workspace(new Cluster(fleet, name), 'chat', phi('chat'));
  const problems = () => {
    try {
      return fleet.render().problems;
    } catch (error) {
      return error instanceof InvalidInputError ? error.problems : [];
    }
  };
  expect(problems()).toMatchObject([
    {
      field: 'budget.gpus',
      message: expect.stringContaining('use up to 2 GPUs, the limit is 1 GPU:') as string,
    },
  ]);
});

test('a budget for a namespace without Workspaces is a warning: it limits nothing', () => {
  expect(problemsOf({ cluster: { namespaces: { chta: { gpus: 2 } } } }, phi('chat'))).toMatchObject([
    { severity: 'warning', code: 'unused-budget', field: 'budget.namespaces.chta' },
  ]);
});

test.each<[string, unknown, string]>([
  ['a negative number', { gpus: -1 }, 'budget.gpus'],
  ['a misspelt field', { gpu: 1 }, 'budget.gpu'],
  ['an unknown MIG profile', { migSlices: { '9g.1gb': 1 } }, 'budget.migSlices["9g.1gb"]'],
  [
    'an unknown MIG profile of a namespace',
    { namespaces: { chat: { migSlices: { '3g40gb': 1 } } } },
    'budget.namespaces.chat.migSlices["3g40gb"]',
  ],
  ['a name that no namespace has', { namespaces: { 'A B': { gpus: 1 } } }, 'budget.namespaces["A B"]'],
])('%s in the budget of a fleet or cluster is an error', (_, budget, field) => {
  for (const owner of ['fleet', 'cluster'] as const) {
    const [problem] = problemsOf({ [owner]: budget as BudgetProps }, phi('chat'));
    expect(problem).toMatchObject({ severity: 'error', field });
  }
});

test('a limit is passed exactly when the sum is more, whatever the order', () => {
  const usage = fc.record({
    cluster: fc.constant('c'),
    namespace: fc.constantFrom('a', 'b'),
    name: fc.stringMatching(/^[a-z]{3}$/),
    gpus: fc.integer({ min: 0, max: 16 }),
    migSlices: fc.record({ '3g.40gb': fc.integer({ min: 0, max: 9 }) }),
    usdPerHour: fc.integer({ min: 0, max: 10_000 }).map((cents) => cents / 100),
  });
  const owner = { name: 'the fleet', at: (field: string) => ({ position: { construct: 'fleet' }, field }) };
  fc.assert(
    fc.property(
      fc.array(usage, { maxLength: 8 }),
      fc.integer({ min: 0, max: 60 }),
      (usages: Usage[], limit) => {
        const sum = usages.reduce((total, { gpus }) => total + gpus, 0);
        expect(checkBudget(owner, { gpus: limit }, usages)).toHaveLength(sum > limit ? 1 : 0);
        const slices = usages.reduce((total, { migSlices }) => total + (migSlices['3g.40gb'] ?? 0), 0);
        expect(checkBudget(owner, { migSlices: { '3g.40gb': limit, '1g.10gb': 0 } }, usages)).toHaveLength(
          slices > limit ? 1 : 0,
        );
        const cents = usages.reduce((total, { usdPerHour }) => total + Math.round(usdPerHour * 100), 0);
        expect(checkBudget(owner, { usdPerHour: cents / 100 }, usages.toReversed())).toEqual([]);
      },
    ),
  );
});
