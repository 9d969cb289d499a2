import '../property-seed';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { workspaceFromProps } from '../../src/spec/from-props';
import type { Problem } from '../../src/spec/problem';
import type { WorkspaceSpec } from '../../src/spec/normal';
import type { WorkspaceFields } from '../../src/spec/workspace';
import { valuesOf } from './from-schema';
import { readText } from './marked';

/** Most Workspaces have one purpose: with two, or none, everything else about them is moot. */
const props = fc
  .tuple(
    valuesOf('workspace.schema.json', 'WorkspaceProps') as fc.Arbitrary<WorkspaceFields>,
    fc.integer({ max: 9, min: 0 }),
  )
  .map(([given, draw]): WorkspaceFields => {
    const { tuning, inference, ...rest } = given;
    if (draw === 0 || tuning === undefined || inference === undefined) return given;
    return draw < 4 ? { ...rest, tuning } : { ...rest, inference };
  });

function asYaml({ namespace, labels, annotations, ...rest }: WorkspaceFields): string {
  const metadata = { name: 'chat', namespace, labels, annotations };
  return stringify({ apiVersion: 'slipway.dev/v1alpha1', kind: 'Workspace', metadata, ...rest });
}

/** What a problem says, wherever it stands: YAML has name and labels below `metadata`. */
function told(problems: readonly Problem[]): string[] {
  const lines = problems.map(({ severity, code, field, message }) =>
    `${severity} ${code} ${field} ${message}`.replaceAll('metadata.', ''),
  );
  return [...new Set(lines)].sort();
}

const withoutPlaces = (spec: WorkspaceSpec | undefined) =>
  spec === undefined ? undefined : { ...spec, at: undefined };

/** A ConfigMap's name in a program has nothing to be found in. */
function isSelfContained({ inference, tuning }: WorkspaceFields): boolean {
  return typeof inference?.config !== 'string' && typeof tuning?.config !== 'string';
}

describe('everything that the schema allows', () => {
  it('says the same in TypeScript and in YAML', () => {
    let whole = 0;
    const seen = new Set<string>();
    fc.assert(
      fc.property(props.filter(isSelfContained), (given) => {
        const fromProps = workspaceFromProps('chat', given, 'fleet/chat');
        const fromYaml = readText(asYaml(given));
        expect(told(fromYaml.problems)).toEqual(told(fromProps.problems));
        expect(withoutPlaces(fromYaml.workspaces[0])).toEqual(withoutPlaces(fromProps.spec));
        for (const key of Object.keys(given)) seen.add(key);
        if (fromProps.spec !== undefined) whole += 1;
      }),
      { numRuns: 600 },
    );
    expect(whole).toBeGreaterThan(5);
    // Every field of the props was there at least once.
    expect(seen.size).toBeGreaterThan(12);
  });

  it('is refused with what is allowed or what to do', () => {
    fc.assert(
      fc.property(props, (given) => {
        const mute = workspaceFromProps('chat', given, 'fleet/chat').problems.filter(
          ({ allowed, next, message }) => (allowed ?? next) === undefined && !message.startsWith('expected '),
        );
        expect(mute).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });
});
