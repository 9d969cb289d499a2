import { buildSync } from 'esbuild';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

/**
 * Bundles a module of ours into one CommonJS file, as the image does. Kubernetes' client is an ES module, which jest
 * cannot load by itself.
 *
 * @param file - absolute path
 * @param external - packages that are loaded from node_modules, and only when they are used
 * @returns path of the bundle
 */
export function bundle(file: string, external: readonly string[] = []): string {
  const outfile = join(cacheFolder(), `${basename(file, '.ts')}.cjs`);
  buildSync({
    entryPoints: [file],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
    external: [...external],
  });
  return outfile;
}

/** Loads a bundle outside of jest's module system. */
export function load(file: string): unknown {
  return createRequire(file)(file);
}

/** Inside the repository, so that external packages are found. */
function cacheFolder(): string {
  const folder = join(__dirname, '..', '..', '..', '.slipway', 'test');
  mkdirSync(folder, { recursive: true });
  return folder;
}
