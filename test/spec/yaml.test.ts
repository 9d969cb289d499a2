import { readDocuments } from '../../src/spec/read-documents';
import { kaito, marked, own, readText } from './marked';

describe('YAML', () => {
  it.each([
    ['a tab for indentation', 'a:\n¦\tb: 1\n', 'malformed-yaml'],
    ['a key that stands twice', kaito('¦kind: Workspace\n'), 'duplicate-key'],
    ['an unknown alias', 'a: ¦*nothing\n', 'malformed-yaml'],
    ['an unclosed quote', 'a: "b\n¦', 'malformed-yaml'],
  ])('tells %s, with its place', (_name, yaml, code) => {
    const { text, line } = marked(yaml);
    const problem = readText(text).problems.find((found) => found.code === code);
    expect(problem).toMatchObject({ code, severity: 'error', position: { file: 'w.yaml', line } });
  });

  it('tells the exact place of a key that stands twice', () => {
    const { text, line, column } = marked(kaito('¦kind: Workspace\n'));
    expect(readText(text).problems).toEqual([
      {
        severity: 'error',
        code: 'duplicate-key',
        position: { file: 'w.yaml', line, column },
        field: '',
        message: 'this key stands twice in one map',
        next: 'remove one of the two',
      },
    ]);
  });

  it('reads a map of a hundred thousand keys in linear time', () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => `  k${index}: v\n`).join('');
    const { problems } = readText(
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n${keys}  k7: v\n`,
    );
    expect(problems.map(({ code }) => code)).toEqual(['unused-config', 'duplicate-key']);
  }, 30_000);

  it('goes on after a document that is malformed', () => {
    const { workspaces, problems } = readText(
      `${kaito()}---\na: [1\n---\n${kaito().replace('chat', 'other')}`,
    );
    expect(workspaces.map(({ name }) => name)).toContain('chat');
    expect(problems[0]).toMatchObject({ code: 'malformed-yaml' });
  });

  it('reads every document of a file, and passes empty ones over', () => {
    const { workspaces, problems } = readText(
      `---\n${kaito()}---\n# nothing\n---\n${kaito().replace('chat', 'other')}...\n`,
    );
    expect(problems).toEqual([]);
    expect(workspaces.map(({ name }) => name)).toEqual(['chat', 'other']);
  });

  it('reads the items of a List, with their places', () => {
    const item = kaito().trimEnd().replaceAll('\n', '\n  ');
    const { text, line, column } = marked(
      `apiVersion: v1\nkind: List\nitems:\n- ${item.replace('phi-4', 'phi-4\n    ¦nam: x')}\n`,
    );
    expect(readText(text).problems[0]).toMatchObject({ code: 'unknown-field', position: { line, column } });
    expect(readText(`apiVersion: v1\nkind: List\nitems:\n- ${item}\n`).workspaces).toHaveLength(1);
  });

  it('reads anchors, aliases and merge keys', () => {
    const { workspaces, problems } = readText(
      own(
        'resource: {labelSelector: {matchLabels: &l {a: b}}}\ninference: {preset: {name: phi-4}}\npod:\n  labels:\n    <<: *l\n  nodeSelector: *l\n',
      ),
    );
    expect(problems).toEqual([]);
    expect(workspaces[0]?.pod).toEqual({ labels: { a: 'b' }, nodeSelector: { a: 'b' } });
  });

  it('reads JSON', () => {
    const json = JSON.stringify({
      apiVersion: 'kaito.sh/v1beta1',
      kind: 'Workspace',
      metadata: { name: 'chat' },
      inference: { preset: { name: 'phi-4' } },
    });
    expect(readText(json).problems).toEqual([]);
  });

  it('refuses a file that would expand without end', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(',')}]`,
    );
    const { problems } = readText(['l0: &l0 lol', ...levels, ''].join('\n'));
    expect(problems).toMatchObject([{ code: 'malformed-yaml', severity: 'error' }]);
    expect(problems[0]?.message).toMatch(/cannot be expanded/);
  });

  it('refuses a value that contains itself', () => {
    expect(readText('a: &a {b: *a}\n').problems).toMatchObject([{ code: 'malformed-yaml' }]);
  });

  it('refuses nesting without end', () => {
    expect(readText('['.repeat(100_000)).problems[0]).toMatchObject({ code: 'malformed-yaml' });
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n\n'],
    ['a comment', '# later\n'],
    ['separators', '---\n---\n'],
  ])('refuses a file that holds %s', (_name, text) => {
    expect(readText(text).problems).toMatchObject([
      { code: 'empty-file', position: { file: 'w.yaml', line: 1 } },
    ]);
  });

  it('tells where a file stops being UTF-8', () => {
    const text = Buffer.concat([
      Buffer.from('a: é\nb: '),
      Buffer.from([0xff, 0xfe, 0x41]),
      Buffer.from('\nc: 1\n'),
    ]);
    expect(readDocuments([{ file: 'w.yaml', text }]).problems).toMatchObject([
      { code: 'not-utf-8', position: { line: 2, column: 4 } },
    ]);
  });

  it('tells UTF-16 by its name', () => {
    const text = Buffer.from('\uFEFFkind: Workspace\n', 'utf16le');
    expect(readDocuments([{ file: 'w.yaml', text }]).problems[0]?.message).toBe('is UTF-16, not UTF-8');
  });

  it('drops a byte order mark', () => {
    const text = Buffer.from(`\uFEFF${kaito()}`);
    expect(readDocuments([{ file: 'w.yaml', text }])).toMatchObject({
      problems: [],
      workspaces: [{ name: 'chat' }],
    });
  });

  it('reads Windows line ends, with the same places', () => {
    const { text, line, column } = marked(kaito('', 'resource:\n  count: ¦two\n'));
    expect(readText(text.replaceAll('\n', '\r\n')).problems[0]).toMatchObject({ position: { line, column } });
  });
});

describe('a text that cannot be read', () => {
  it('is called nested too deeply when it is', () => {
    const text = `${kaito()}x: ${'['.repeat(20000)}${']'.repeat(20000)}\n`;
    expect(readDocuments([{ file: 'a.yaml', text }]).problems).toMatchObject([
      { code: 'malformed-yaml', message: 'is nested too deeply to be read', next: 'write it flatter' },
    ]);
  });
});

describe('names across files', () => {
  const two = (first: string, second: string) =>
    readDocuments([
      { file: 'a.yaml', text: first },
      { file: 'b.yaml', text: second },
    ]).problems;

  it('refuses two Workspaces of one name in one namespace, naming both places', () => {
    expect(two(kaito(), kaito().replace('chat', 'chat\n  namespace: default'))).toMatchObject([
      {
        code: 'duplicate-name',
        position: { file: 'b.yaml', line: 4, column: 9 },
        message: 'Workspace default/chat stands in a.yaml:4:9 already',
      },
    ]);
  });

  it('gives the first of two, and what the second mentions', () => {
    const { workspaces, rejected } = readDocuments([
      { file: 'a.yaml', text: kaito() },
      { file: 'b.yaml', text: kaito() },
    ]);
    expect(workspaces.map((workspace) => workspace.at('metadata.name').position)).toMatchObject([
      { file: 'a.yaml' },
    ]);
    expect(rejected).toMatchObject([{ model: { position: { file: 'b.yaml' } } }]);
  });

  it('accepts one name in two namespaces', () => {
    expect(two(kaito(), kaito().replace('chat', 'chat\n  namespace: other'))).toEqual([]);
  });

  it('sees a second Workspace of a name even when the first one has errors', () => {
    const codes = two(kaito('  replicas: 2\n'), kaito()).map(({ code }) => code);
    expect(codes).toEqual(['unknown-field', 'duplicate-name']);
  });
});

describe('what the cluster wrote', () => {
  it('is passed over with a warning each', () => {
    const text = kaito('status: {conditions: []}\n').replace(
      'chat',
      'chat\n  uid: x\n  creationTimestamp: null\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: "{}"\n    team: a',
    );
    const { workspaces, problems } = readText(text);
    expect(problems.map(({ field, severity }) => [field, severity])).toEqual([
      ['metadata.uid', 'warning'],
      ['metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]', 'warning'],
      ['status', 'warning'],
    ]);
    expect(workspaces[0]?.annotations).toEqual({ team: 'a' });
  });
});
