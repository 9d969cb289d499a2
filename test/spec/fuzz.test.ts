import fc from 'fast-check';
import { stringify } from 'yaml';
import { readDocuments } from '../../src/spec/read-documents';
import { workspaceFromProps, clusterFromProps } from '../../src/spec/from-props';
import { kaito } from './marked';

const HEADS = ['kaito.sh/v1alpha1', 'kaito.sh/v1beta1', 'slipway.dev/v1alpha1', 'v1'];
const KINDS = ['Workspace', 'InferenceSet', 'Cluster', 'ConfigMap', 'Secret', 'List'];
const KEYS = [
  'metadata',
  'name',
  'resource',
  'inference',
  'preset',
  'adapters',
  'source',
  'config',
  'tuning',
  'spec',
  'template',
  'items',
  'data',
  'labels',
  '__proto__',
  'a.b/c',
];
const tree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, -1, 1.5, '', 'chat', 'phi-4', 'inference_config.yaml'),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('node'), { maxKeys: 5 }),
  ),
})).node;

/** Every problem has a place that exists in the text, and one who reads it learns something. */
function expectTold(text: string): void {
  const { problems } = readDocuments([{ file: 'w.yaml', text }]);
  const lines = text.split('\n').length;
  for (const { position, message } of problems) {
    const placed = 'file' in position && position.line >= 1 && position.line <= lines && position.column >= 1;
    if (!placed || message === '') throw new Error(`${JSON.stringify(position)} ${message}`);
  }
}

describe('any text', () => {
  it('is read without throwing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), expectTold), { numRuns: 1000 });
  });

  it('of YAML punctuation is read without throwing', () => {
    const unit = fc.constantFrom(
      'a',
      ':',
      ' ',
      '-',
      '\n',
      '[',
      ']',
      '{',
      '}',
      '&a',
      '*a',
      '|',
      '>',
      '"',
      "'",
      '#',
      '\t',
      '?',
      '!!str',
      '<<',
      '---\n',
      '1',
      ',',
      '%',
    );
    fc.assert(fc.property(fc.string({ unit, maxLength: 60 }), expectTold), { numRuns: 1500 });
  });

  it('of bytes is read without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { workspaces } = readDocuments([{ file: 'w.yaml', text: Buffer.from(bytes) }]);
        expect(workspaces).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('that was a Workspace before someone broke it is read without throwing', () => {
    const text = kaito('  adapters:\n  - source: {name: a, image: b}\n    strength: "1"\n');
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(10), fc.string({ maxLength: 5 }), (start, length, put) => {
        expectTold(text.slice(0, start) + put + text.slice(start + length));
      }),
      { numRuns: 1500 },
    );
  });

  it('with the kinds that are read and any content is read without throwing', () => {
    const document = fc.tuple(fc.constantFrom(...HEADS), fc.constantFrom(...KINDS), tree);
    fc.assert(
      fc.property(fc.array(document, { maxLength: 3 }), (documents) => {
        const texts = documents.map(([apiVersion, kind, content]) => {
          const fields: object =
            typeof content === 'object' && content !== null && !Array.isArray(content) ? content : {};
          return stringify({ apiVersion, kind, ...fields });
        });
        expectTold(texts.join('---\n'));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any value', () => {
  it('given from JavaScript is read without throwing, and a Workspace comes without errors only', () => {
    fc.assert(
      fc.property(tree, (value) => {
        // @ts-expect-error: a JavaScript program can give anything
        const { spec, problems } = workspaceFromProps('chat', value, 'fleet/chat');
        expect(problems.some(({ severity }) => severity === 'error')).toBe(spec === undefined);
      }),
      { numRuns: 1000 },
    );
  });

  it('given from JavaScript for a Cluster is read without throwing', () => {
    fc.assert(
      fc.property(tree, (value) => {
        // @ts-expect-error: a JavaScript program can give anything
        const { spec } = clusterFromProps('prod', value, 'fleet/prod');
        expect(spec.name).toBe('prod');
      }),
      { numRuns: 1000 },
    );
  });
});
