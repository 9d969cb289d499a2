import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml, type JsonObject } from '../../src/workload/yaml';

/** Strings that have bitten YAML writers before, among arbitrary ones. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary-ascii' }),
  fc
    .array(fc.string({ unit: 'grapheme-ascii', maxLength: 8 }), { maxLength: 5 })
    .map((lines) => lines.join('\n')),
  fc.constantFrom(
    'yes',
    'No',
    'on',
    'y',
    'null',
    '~',
    'true',
    '1e3',
    '0777',
    '0x1f',
    '1_000',
    '12:30',
    '1:20:30',
    '2001-01-01',
    '.inf',
    '.NaN',
    '-',
    '- a',
    '? a',
    ': a',
    'a: b',
    'a #b',
    '#a',
    '&a',
    '*a',
    '!a',
    '|',
    '>',
    '%a',
    '@a',
    '`a',
    '"a"',
    "'a'",
    '{a}',
    '[a]',
    ',a',
    'a,',
    '<<',
    '=',
    'a:',
    'a:b',
    '',
    ' ',
    ' a',
    'a ',
    'a  b',
    '\t',
    'a\tb',
    '\n',
    'a\n',
    'a\n\n',
    '\na',
    ' a\nb',
    'a\n b',
    'a\r\nb',
    'a\u2028b',
    '\ufeffa',
    'a\u0085b',
    'a\n\tb',
    '---',
    '...',
    'a\n---\nb',
    '10Gi',
    '500m',
    '30s',
    '1.5Gi',
    '--flag=value',
    '/bin/sh',
    'e5',
    '$(VAR)',
    'key=value,other=1',
    'nvidia.com/gpu',
    'a\n  \nb',
    'ends: ',
    'x:\ny',
    '0o17',
    '+1',
    '1.',
    'INF',
  ),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const object = fc.dictionary(text, value, { maxKeys: 5, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

test.each(['1.1', '1.2'] as const)('what is printed reads back as it was in YAML %s', (version) => {
  fc.assert(
    fc.property(object, (input) => {
      expect(parse(toYaml(input), { version, merge: false, uniqueKeys: true })).toEqual(input);
    }),
    { numRuns: 1500 },
  );
});

test('the order of keys in the input does not reach the output', () => {
  fc.assert(
    fc.property(object, (input) => {
      const reversed: JsonObject = Object.fromEntries(Object.entries(input).reverse());
      expect(toYaml(reversed)).toBe(toYaml(input));
    }),
  );
});

test('keys that every JavaScript object inherits are keys like any other', () => {
  expect(toYaml({ valueOf: 1, constructor: 2, a: 3 })).toBe('a: 3\nconstructor: 2\nvalueOf: 1\n');
});

test('a Kubernetes object is printed as a person would write it', () => {
  expect(
    toYaml({
      spec: {
        list: [{ value: '1', name: 'A' }, 'b', [], {}, ['x', 'y']],
        script: 'set -e\nrun\n',
        none: undefined,
        empty: {},
      },
      metadata: { labels: { b: 'yes', a: 'plain' }, name: 'chat' },
      kind: 'Deployment',
      apiVersion: 'apps/v1',
    }),
  ).toBe(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: chat
  labels:
    a: plain
    b: "yes"
spec:
  empty: {}
  list:
    - name: A
      value: "1"
    - b
    - []
    - {}
    - - x
      - "y"
  script: |
    set -e
    run
`);
});

test('a number that JSON cannot hold is refused', () => {
  expect(() => toYaml({ a: Number.NaN })).toThrow('a manifest cannot hold the number NaN');
});
