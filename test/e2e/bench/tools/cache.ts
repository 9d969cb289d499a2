import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Program } from './programs';

/** Folder of the Go modules that pin the bench's programs. */
export const toolsFolder = join(__dirname, '..', '..', 'tools');

/**
 * Cache folder of what is built from one tools module, below `$SLIPWAY_CACHE` or `~/.cache/slipway`. Its name holds a
 * hash of what decides the outcome (go.mod, go.sum, system), so that another version never answers for this one.
 *
 * @throws when the module has no go.mod or go.sum.
 */
export function moduleCache(module: string): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(toolsFolder, module, file)));
  hash.update(`${process.platform}/${process.arch}`);
  return join(cacheFolder(), 'tools', `${module}-${hash.digest('hex').slice(0, 16)}`);
}

/** Where a built program lies. */
export const binaryPath = (program: Program): string => join(moduleCache(program.module), program.name);

function cacheFolder(): string {
  const chosen = process.env['SLIPWAY_CACHE'];
  return chosen !== undefined && chosen !== '' ? chosen : join(homedir(), '.cache', 'slipway');
}
