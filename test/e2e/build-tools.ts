import { endOrderlyOnSignals } from './bench/process/interrupt';
import { buildPrograms } from './bench/tools/build';

/** Build what the bench needs and nothing else: `npx tsx test/e2e/build-tools.ts`. */
async function main(): Promise<void> {
  const paths = await buildPrograms((line) => {
    console.log(line);
  });
  for (const path of paths.values()) console.log(path);
}

endOrderlyOnSignals((line) => {
  console.log(line);
});
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
