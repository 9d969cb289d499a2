import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readOptions, UsageError } from '../e2e/options';

const root = resolve(__dirname, '../..');

describe('the command line of the test bench', () => {
  test('plays every run of this project when nothing is said', () => {
    expect(readOptions([], root)).toEqual({
      mode: 'play',
      only: '',
      examples: false,
      project: root,
      parallel: 4,
    });
  });

  test('takes a folder from where the command was typed', () => {
    const { project } = readOptions(['--project', '../..', '--list'], join(root, 'test', 'e2e'));
    expect(project).toBe(root);
  });

  test('helps whatever else is said', () => {
    expect(readOptions(['--help', '--project', '/nowhere', '--keep'], root).mode).toBe('help');
  });

  test.each([
    [['--kepe'], /--kepe/],
    [['prod'], /prod: give options only; --only prod chooses runs by name/],
    [['--parallel', 'many'], /--parallel many: give a whole number from 1 to 16/],
    [['--parallel', '0'], /--parallel 0: give a whole number/],
    [['--parallel', '1.5'], /give a whole number/],
    [['--keep', '--list'], /--list and --keep are two things/],
    [['--project', 'nowhere'], /nowhere has no folder gitops\/; run `npx cdk8s synth` there first/],
  ])('refuses %j and says what is allowed', (args, message) => {
    expect(() => readOptions(args, root)).toThrow(UsageError);
    expect(() => readOptions(args, root)).toThrow(message);
  });

  test('refuses a project that has not been rendered', () => {
    const empty = mkdtempSync(join(tmpdir(), 'slipway-test-'));
    try {
      expect(() => readOptions(['--project', empty], root)).toThrow(/has no folder gitops/);
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});
