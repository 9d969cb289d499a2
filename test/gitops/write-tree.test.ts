import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MANIFEST, printManifest, sha256 } from '../../src/gitops/manifest';
import { ForeignFilesError, OutputError } from '../../src/gitops/output-error';
import type { Tree } from '../../src/gitops/tree';
import { writeTree } from '../../src/gitops/write-tree';

const A = 'prod/team/chat/configmap-a.yaml';
const B = 'prod/team/chat/configmap-b.yaml';
const GONE = 'prod/team/gone/configmap-c.yaml';
/** A process id that nobody has: beyond what Linux gives. */
const DEAD = 4_194_305;

const treeOf = (files: Readonly<Record<string, string>>): Tree => new Map(Object.entries(files));

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-tree-'));
  root = join(folder, 'gitops');
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const everything = () =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(folder.length),
        readFileSync(join(entry.parentPath, entry.name), 'utf8'),
      ]),
  );
/** Have the file system refuse the first call of `name` that `which` picks. */
function failing(name: 'renameSync' | 'writeFileSync', code: string, which: (path: string) => boolean): void {
  const real = fs[name] as (...args: unknown[]) => void;
  let hasFailed = false;
  jest.spyOn(fs, name).mockImplementation((...args: unknown[]) => {
    if (!hasFailed && which(String(args[name === 'renameSync' ? 1 : 0]))) {
      hasFailed = true;
      throw Object.assign(new Error(`${code}: no`), { code });
    }
    real(...args);
  });
}

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('writeTree', () => {
  test('writes everything once and nothing the second time', () => {
    expect(writeTree(root, treeOf({ [A]: 'a', [B]: 'b' })).added).toEqual([A, B]);
    const before = statSync(join(root, A)).mtimeMs;
    const manifest = statSync(join(root, MANIFEST)).ino;
    expect(writeTree(root, treeOf({ [A]: 'a', [B]: 'b' }))).toEqual({
      added: [],
      changed: [],
      removed: [],
      unchanged: 2,
      editedByHand: [],
    });
    expect(statSync(join(root, A)).mtimeMs).toBe(before);
    expect(statSync(join(root, MANIFEST)).ino).toBe(manifest);
    expect(readdirSync(folder)).toEqual(['gitops']);
    expect(readdirSync(root)).toEqual(['prod', MANIFEST]);
  });

  test('removes what it made before and no longer makes, with the folders that it leaves empty', () => {
    writeTree(root, treeOf({ [A]: 'a', [GONE]: 'c' }));
    writeFileSync(join(root, 'prod', 'README.md'), 'ours to keep');
    expect(writeTree(root, treeOf({ [A]: 'a' })).removed).toEqual([GONE]);
    expect(readdirSync(join(root, 'prod', 'team'))).toEqual(['chat']);
    expect(read('prod/README.md')).toBe('ours to keep');
  });

  test('writes through a link to the folder', () => {
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync('elsewhere', root);
    writeTree(root, treeOf({ [A]: 'a' }));
    expect(readFileSync(join(folder, 'elsewhere', A), 'utf8')).toBe('a');
  });

  test('refuses to write over a file that it did not make, and touches nothing', () => {
    mkdirSync(join(root, 'prod/team/chat'), { recursive: true });
    writeFileSync(join(root, A), 'mine');
    expect(() => writeTree(root, treeOf({ [A]: 'a', [B]: 'b' }))).toThrow(ForeignFilesError);
    expect(everything()).toEqual({ [`/gitops/${A}`]: 'mine' });
  });

  test('writes over an edited generated file and says so', () => {
    writeTree(root, treeOf({ [A]: 'a' }));
    writeFileSync(join(root, A), 'edited');
    expect(writeTree(root, treeOf({ [A]: 'a' })).editedByHand).toEqual([A]);
    expect(read(A)).toBe('a');
  });

  test('lists every generated file with its hash', () => {
    writeTree(root, treeOf({ [A]: 'a', [B]: 'b' }));
    expect(JSON.parse(read(MANIFEST))).toEqual({ files: { [A]: sha256('a'), [B]: sha256('b') } });
  });

  test('says what to do about a manifest with a merge conflict', () => {
    writeTree(root, treeOf({ [A]: 'a' }));
    writeFileSync(join(root, MANIFEST), '<<<<<<< ours');
    expect(() => writeTree(root, treeOf({ [A]: 'a' }))).toThrow(/merge conflict.*run synth again/);
  });

  test.each(['../outside', '/etc/outside', 'prod/../../outside'])(
    'never removes %s, though the manifest lists it',
    (path) => {
      writeTree(root, treeOf({ [A]: 'a' }));
      writeFileSync(join(folder, 'outside'), 'mine');
      writeFileSync(join(root, MANIFEST), printManifest({ [path]: sha256('mine') }));
      expect(() => writeTree(root, treeOf({ [A]: 'a' }))).toThrow(OutputError);
      expect(existsSync(join(folder, 'outside'))).toBe(true);
    },
  );
});

describe('writeTree that fails', () => {
  const old = { [A]: 'a', [GONE]: 'c' };
  const wanted = treeOf({ [A]: 'changed', [B]: 'b', 'new/d.yaml': 'd' });

  test.each([A, B, 'new/d.yaml', MANIFEST])(
    'puts everything back when %s cannot be put in its place',
    (path) => {
      writeTree(root, treeOf(old));
      const before = everything();
      failing('renameSync', 'EACCES', (to) => to === join(root, path));
      expect(() => writeTree(root, wanted)).toThrow(/permission denied/);
      jest.restoreAllMocks();
      expect(everything()).toEqual(before);
      expect(existsSync(join(root, 'new'))).toBe(false);
    },
  );

  test('touches nothing when the disk is full, and leaves nothing behind', () => {
    writeTree(root, treeOf(old));
    const before = everything();
    failing('writeFileSync', 'ENOSPC', (file) => file.endsWith('d.yaml'));
    expect(() => writeTree(root, wanted)).toThrow(/the disk is full; free some space/);
    expect(everything()).toEqual(before);
    expect(readdirSync(root)).toEqual(['prod', MANIFEST]);
  });

  test('makes no new folder when the disk is full', () => {
    failing('writeFileSync', 'ENOSPC', (file) => file.endsWith('d.yaml'));
    expect(() => writeTree(root, wanted)).toThrow(OutputError);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('names a file that stands where the folder belongs, as an error of the input', () => {
    writeFileSync(root, 'a file');
    const fault = thrown(() => writeTree(root, wanted));
    expect(fault).toMatchObject({ name: 'OutputError', isInput: true });
    expect(String(fault)).toContain('a file stands where a folder is needed');
  });
});

describe('writeTree after a run that was killed', () => {
  /** What a killed run leaves: its journal, and as many of its files as it came to. */
  function killed(journal: Readonly<Record<string, string>>, done: readonly string[]): void {
    const staging = join(root, `.slipway-staging-${DEAD}`);
    mkdirSync(join(staging, 'gitops'), { recursive: true });
    const hashes = Object.entries(journal).map(([path, content]) => [path, sha256(content)] as const);
    writeFileSync(join(staging, 'journal.json'), printManifest(Object.fromEntries(hashes)));
    for (const path of done) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), journal[path] ?? '');
    }
  }

  test('knows its files as ours: neither foreign nor edited by hand', () => {
    writeTree(root, treeOf({ [A]: 'a' }));
    killed({ [A]: 'half', [B]: 'half', [GONE]: 'half' }, [A, B, GONE]);
    expect(writeTree(root, treeOf({ [A]: 'a2', [B]: 'b2' }))).toMatchObject({
      changed: [A, B],
      removed: [GONE],
      editedByHand: [],
    });
    expect(readdirSync(root)).toEqual(['prod', MANIFEST]);
  });

  test('still leaves alone what somebody else wrote', () => {
    writeTree(root, treeOf({ [A]: 'a' }));
    killed({ [B]: 'half' }, [B]);
    writeFileSync(join(root, B), 'mine');
    expect(() => writeTree(root, treeOf({ [A]: 'a', [B]: 'b' }))).toThrow(ForeignFilesError);
    expect(read(B)).toBe('mine');
  });

  test('does not touch what another run is writing', () => {
    writeTree(root, treeOf({ [A]: 'a' }));
    mkdirSync(join(root, '.slipway-staging-1'));
    writeTree(root, treeOf({ [A]: 'b' }));
    expect(readdirSync(root)).toContain('.slipway-staging-1');
  });
});
