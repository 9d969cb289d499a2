import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');

/** A house in which each rule of the rooms is broken once, by the file that stands before it. */
const PLANTED: readonly (readonly [rule: string, file: string, content: string])[] = [
  ['spec-sees-only-earlier-rooms', 'spec/a.ts', "import '../catalog/a';"],
  ['catalog-sees-only-earlier-rooms', 'catalog/b.ts', "import type {} from '../sizing/a';"],
  ['sizing-sees-only-earlier-rooms', 'sizing/b.ts', "import '../workload/a';"],
  ['workload-sees-only-earlier-rooms', 'workload/b.ts', "import '../capacity/a';"],
  ['capacity-sees-only-earlier-rooms', 'capacity/b.ts', "import '../gitops/a';"],
  ['gitops-sees-only-earlier-rooms', 'gitops/b.ts', "import '../fleet/a';"],
  ['fleet-sees-only-earlier-rooms', 'fleet/b.ts', "import '../cli/a';"],
  ['fleet-sees-only-earlier-rooms', 'fleet/c.ts', "import '../index';"],
  ['provisioner-sees-only-earlier-rooms', 'provisioner/a.ts', "import '../cli/a';"],
  ['provisioner-stands-alone', 'provisioner/b.ts', "import '../workload/a';"],
  ['pure-rooms', 'sizing/c.ts', "import 'cdk8s';"],
  ['no-cycles', 'fleet/d.ts', "import './e';"],
  ['no-dev-dependencies', 'fleet/f.ts', "import 'jest';"],
];
/** What is allowed, and what the planted files import. */
const OTHERS: readonly (readonly [file: string, content: string])[] = [
  ['index.ts', "import './fleet/a';"],
  ['catalog/a.ts', "import '../spec/c';"],
  ['spec/c.ts', 'export {};'],
  ['sizing/a.ts', "import '../catalog/a';"],
  ['workload/a.ts', "import 'cdk8s';"],
  ['capacity/a.ts', "import '../workload/a';"],
  ['gitops/a.ts', "import '../spec/c';"],
  ['fleet/a.ts', "import '../gitops/a';"],
  ['fleet/e.ts', "import './d';"],
  ['cli/a.ts', "import '../fleet/a';"],
];

test('the rules of the rooms find what breaks them, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-rooms-'));
  try {
    for (const [file, content] of [...PLANTED.map(([, ...rest]) => rest), ...OTHERS]) {
      const path = join(folder, 'src', file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${content}\n`);
    }
    writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "module": "node16" } }');
    for (const name of ['package.json', 'node_modules']) symlinkSync(join(ROOT, name), join(folder, name));
    const { stdout } = spawnSync(
      process.execPath,
      [
        join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
        ...['src', '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'],
      ],
      { cwd: folder, encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 },
    );
    const { summary } = JSON.parse(stdout) as {
      readonly summary: { readonly violations: readonly { from: string; rule: { name: string } }[] };
    };
    const found = new Set(summary.violations.map(({ from, rule }) => `${rule.name} ${from}`));
    const planted = PLANTED.map(([rule, file]) => `${rule} src/${file}`);
    expect([...found].sort()).toEqual(planted.sort());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
