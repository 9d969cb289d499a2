import '../property-seed';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import type { ClusterProps, Problem } from '../../src';
import { isKubernetesObject } from '../../src/gitops/object';
import { hasCrd, schemaErrors } from '../crds/validate';
import { type Generated, inferenceSets, multiRoleInferences, workspaces } from './documents';
import { FILE, render } from './render';

const CLUSTERS: readonly ClusterProps[] = [
  {},
  {
    gitOps: 'flux',
    defaults: { image: 'kaito', multiNodeWorkload: 'LeaderWorkerSet', modelAccessSecret: 'hf' },
  },
  { nodeProvisioning: { kind: 'gpuProvisioner' }, defaults: { image: 'vllm', modelAccessSecret: 'hf' } },
  {
    nodeProvisioning: {
      kind: 'ownNodes',
      gpu: { product: 'NVIDIA-A100-SXM4-80GB', count: 8, memoryGiB: 80 },
    },
    defaults: { modelAccessSecret: 'hf' },
  },
];

function textOf({ document, configMaps }: Generated): string {
  return [document, ...configMaps].map((each) => stringify(each)).join('---\n');
}

/** Whoever reads it knows where, what is wrong, and what to do. */
function expectActionable(problems: readonly Problem[], text: string): void {
  const lines = text.split('\n').length;
  for (const problem of problems) {
    const { position, message, allowed, next } = problem;
    const isPlaced =
      ('construct' in position && problem.field.startsWith('defaults')) ||
      ('file' in position && position.file === FILE && position.line <= lines);
    if (!isPlaced || message === '' || (allowed ?? next) === undefined) {
      throw new Error(`not actionable: ${JSON.stringify(problem)}\n${text}`);
    }
  }
}

/** The API server would take every object. */
function expectValid(tree: ReadonlyMap<string, string>): void {
  for (const [path, content] of tree) {
    const object: unknown = parse(content);
    if (!isKubernetesObject(object) || !hasCrd(object)) continue;
    const errors = schemaErrors(object);
    if (errors.length > 0) throw new Error(`${path}: ${errors.join('; ')}`);
  }
}

describe.each([
  ['Workspace', workspaces, 60],
  ['InferenceSet', inferenceSets, 60],
  ['MultiRoleInference', multiRoleInferences, 40],
])('every %s that KAITO v0.12 accepts', (_kind, documents, numRuns) => {
  it('renders, or is refused with a reason to act on', () => {
    let rendered = 0;
    let refused = 0;
    fc.assert(
      fc.property(documents, fc.constantFrom(...CLUSTERS), (generated, props) => {
        // What is asked is that KAITO's own schema takes the document.
        const { apiVersion, kind } = generated.document as { apiVersion: string; kind: string };
        const wire = JSON.parse(JSON.stringify(generated.document)) as object;
        expect(schemaErrors({ ...wire, apiVersion, kind })).toEqual([]);

        const text = textOf(generated);
        const { problems, tree } = render(text, props);
        expectActionable(problems, text);
        if (tree === null) refused += 1;
        else {
          rendered += 1;
          expectValid(tree);
          expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        }
      }),
      { numRuns },
    );
    // Neither may be an empty claim.
    expect(rendered).toBeGreaterThan(numRuns / 10);
    expect(refused).toBeGreaterThan(numRuns / 20);
  });

  it('gives the same bytes every time', () => {
    fc.assert(
      fc.property(documents, (generated) => {
        const text = textOf(generated);
        expect(render(text, {})).toEqual(render(text, {}));
      }),
      { numRuns: 5 },
    );
  });
});
