import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderExamples } from './render-examples';

const ROOT = join(__dirname, '../..');

/** Renders the example fleet in a process of its own, and prints the hash of each file. */
const PROGRAM = `
const { createHash } = require('node:crypto');
const { renderExamples } = require('./test/examples/render-examples');
const hashes = [...renderExamples().tree].map(([path, text]) => [path, createHash('sha256').update(text).digest('hex')]);
console.log(JSON.stringify(hashes));
`;

const here = [...renderExamples().tree].map(([path, text]) => [
  path,
  createHash('sha256').update(text).digest('hex'),
]);

test.each([
  ['in Turkish, in India', { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', TZ: 'Asia/Kolkata' }, []],
  ['in the plain C locale, with nothing set', { LC_ALL: 'C', TZ: '' }, []],
  [
    'elsewhere, in CI',
    { LC_ALL: 'lt_LT.UTF-8', TZ: 'Pacific/Kiritimati', HOME: tmpdir(), CI: 'true', COLUMNS: '40', USER: 'x' },
    ['--random-seed=7', '--hash-seed=7'],
  ],
])('%s, the examples have the same bytes', (_where, env, flags) => {
  const output = execFileSync(process.execPath, [...flags, '-r', 'tsx/cjs', '-e', PROGRAM], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.check.json') },
    maxBuffer: 16 * 1024 * 1024,
  });
  expect(JSON.parse(output)).toEqual(here);
});
