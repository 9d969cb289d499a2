import '../property-seed';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { type Generated, inferenceSets, multiRoleInferences, workspaces } from './documents';
import { render } from './render';

/** The tree of all documents together; null when one of them is refused. */
function treeOf(all: readonly Generated[]): ReadonlyMap<string, string> | null {
  const text = all
    .flatMap(({ document, configMaps }) => [document, ...configMaps])
    .map((each) => stringify(each))
    .join('---\n');
  return render(text, { defaults: { modelAccessSecret: 'hf', multiNodeWorkload: 'LeaderWorkerSet' } }).tree;
}

/** Each document under a name and ConfigMaps of its own, in a namespace that they may share. */
function named(generated: Generated, name: string): Generated {
  const rename = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replace(/"(serving|training|picker)"/g, `"$1-${name}"`)) as unknown;
  const document = rename(generated.document) as { metadata: object };
  return {
    document: { ...document, metadata: { ...document.metadata, name } },
    configMaps: generated.configMaps.map((each) => rename(each) as Generated['configMaps'][number]),
  };
}

/** What belongs to all: the list of the platform's files, and namespaces, whose Pod Security level is that of their loosest pod. */
const isShared = (path: string) => /^prod\/platform\/(kustomization|namespace-.*)\.yaml$/.test(path);

test("adding a document of any kind never changes another's files", () => {
  const any = fc.oneof(workspaces, inferenceSets, multiRoleInferences);
  let compared = 0;
  fc.assert(
    fc.property(any, any, fc.boolean(), (first, second, isFirstAdded) => {
      const [a, b] = [named(first, 'a'), named(second, 'a-b')];
      const alone = treeOf([a]);
      const both = treeOf(isFirstAdded ? [a, b] : [b, a]);
      if (alone === null || both === null) return;
      compared += 1;
      for (const [path, content] of alone) {
        if (isShared(path)) continue;
        expect([path, both.get(path)]).toEqual([path, content]);
      }
    }),
    { numRuns: 60 },
  );
  expect(compared).toBeGreaterThan(5);
});
