import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFiles, readSource } from '../../src/spec/read-files';
import { kaito } from './marked';

let folder: string;
const path = (...parts: string[]) => join(folder, ...parts);
const write = (name: string, content: string | Buffer) => {
  writeFileSync(path(name), content);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-read-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('readFiles', () => {
  it('reads the YAML files of a folder and of the folders in it, sorted, each once', () => {
    mkdirSync(path('b.yaml'));
    write('b.yaml/x.yml', kaito().replace('chat', 'second'));
    write('a.yaml', kaito().replace('chat', 'first'));
    write('c.yaml', kaito().replace('chat', 'third'));
    write('notes.md', 'not YAML: [');
    const { workspaces, problems } = readFiles([path('c.yaml'), folder]);
    expect(problems).toEqual([]);
    expect(workspaces.map(({ name }) => name)).toEqual(['third', 'first', 'second']);
  });

  it('finds the ConfigMap of a Workspace in another file', () => {
    write('w.yaml', kaito('  config: c\n'));
    write(
      'c.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  inference_config.yaml: "vllm: {max-model-len: 4096}"\n',
    );
    const { workspaces, problems } = readFiles([folder]);
    expect(problems).toEqual([]);
    expect(workspaces[0]?.inference?.contextLength).toBe(4096);
  });

  it('tells every file that cannot be read, and every problem of the others', () => {
    write('empty.yaml', '');
    write('latin1.yaml', Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
    write('bad.yaml', kaito('  replicas: 2\n'));
    mkdirSync(path('nothing'));
    const { problems } = readFiles([path('missing.yaml'), path('nothing'), folder]);
    expect(
      problems.map(({ code, position }) => [
        code,
        'file' in position ? position.file.slice(folder.length + 1) : '',
      ]),
    ).toEqual([
      ['unreadable-file', 'missing.yaml'],
      ['empty-folder', 'nothing'],
      ['unknown-field', 'bad.yaml'],
      ['empty-file', 'empty.yaml'],
      ['not-utf-8', 'latin1.yaml'],
    ]);
    expect(problems[0]?.message).toBe('does not exist');
  });

  it('comes to an end in a folder that holds a link to itself', () => {
    write('w.yaml', kaito());
    symlinkSync(folder, path('again'));
    expect(readFiles([folder])).toMatchObject({ problems: [], workspaces: [{ name: 'chat' }] });
  });

  it('tells a link that leads nowhere by its own name, and reads the others', () => {
    symlinkSync(path('gone.yaml'), path('w.yaml'));
    symlinkSync('loop.yml', path('loop.yml'));
    symlinkSync('gone', path('notes'));
    write('chat.yaml', kaito());
    expect(readFiles([folder])).toMatchObject({
      workspaces: [{ name: 'chat' }],
      problems: [
        {
          code: 'unreadable-file',
          position: { file: path('loop.yml') },
          message: 'is a symbolic link to itself',
        },
        { code: 'unreadable-file', position: { file: path('w.yaml') }, message: 'does not exist' },
      ],
    });
  });
});

describe('readSource', () => {
  it('refuses a folder', () => {
    expect(readSource(folder)).toMatchObject({ problems: [{ message: 'is a folder, not a file' }] });
  });

  it('gives the content of a file', () => {
    write('w.yaml', 'a: b\n');
    expect(readSource(path('w.yaml'))).toEqual({
      sources: [{ file: path('w.yaml'), text: Buffer.from('a: b\n') }],
      problems: [],
    });
  });
});
