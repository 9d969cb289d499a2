import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Guard } from '../process/guard';
import { addAsset, assets } from './assets';
import { binaryPath, moduleCache, toolsFolder } from './cache';
import { runGo } from './go';
import { programs, type Program } from './programs';

/** How often a running build says that it is alive. */
const PROGRESS_SECONDS = 30;

/**
 * Build every program that the cache lacks, one at a time and at low priority, and the data files beside them.
 * Each appears in the cache whole or not at all.
 *
 * @returns paths of all programs by name.
 * @throws when Go is missing, or a build fails or takes too long.
 */
export async function buildPrograms(report: (line: string) => void): Promise<ReadonlyMap<string, string>> {
  const missing = programs.filter((program) => !existsSync(binaryPath(program)));
  if (missing.length > 0) await requireGo(missing);
  for (const [index, program] of missing.entries()) {
    const count = `${index + 1} of ${missing.length}`;
    report(`building ${program.name} (${count}, about ${program.usualSeconds} s on two free cores)`);
    const seconds = await buildProgram(program, (elapsed) => {
      report(`  still building ${program.name}, ${elapsed} s`);
    });
    report(`  built ${program.name} in ${seconds} s`);
  }
  for (const asset of assets) {
    if (!existsSync(asset.path())) await addAsset(asset);
  }
  return new Map(programs.map((program) => [program.name, binaryPath(program)]));
}

async function buildProgram(program: Program, progress: (elapsedSeconds: number) => void): Promise<number> {
  const folder = moduleCache(program.module);
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, '.building-'));
  const guard = new Guard();
  guard.removeAtEnd(scratch);
  const started = Date.now();
  const elapsed = (): number => Math.round((Date.now() - started) / 1000);
  const timer = setInterval(() => {
    progress(elapsed());
  }, PROGRESS_SECONDS * 1000);
  try {
    const output = join(scratch, program.name);
    const linker = ['-s', '-w', ...program.variables.flatMap((variable) => ['-X', variable])].join(' ');
    await runGo(
      ['build', '-p', '2', '-mod=readonly', '-trimpath', `-ldflags=${linker}`, '-o', output, program.package],
      join(toolsFolder, program.module),
      guard,
    );
    renameSync(output, binaryPath(program));
  } finally {
    clearInterval(timer);
    guard.end();
    rmSync(scratch, { recursive: true, force: true });
  }
  return elapsed();
}

async function requireGo(missing: readonly Program[]): Promise<void> {
  try {
    await runGo(['version'], toolsFolder);
  } catch (error) {
    const names = missing.map((program) => program.name).join(', ');
    throw new Error(
      `the bench has to build ${names}, and \`go\` does not run: ` +
        'install Go 1.26 or newer (https://go.dev/dl/) and put it on the PATH',
      { cause: error },
    );
  }
}
