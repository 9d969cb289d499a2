// `npm run image:check`: build the images for real, without a daemon and without pulling one, and use them.
//
// Needs root on Debian or Ubuntu: buildah builds, debootstrap makes the base, runc runs the result with a read-only
// root as user 65532. What is downloaded stays in $SLIPWAY_CACHE/image (default ~/.cache/slipway/image).
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCounts } from './counts.mjs';
import { buildNodeImage, buildRuntimeImage } from './image/build.mjs';
import { checkNode } from './image/check-node.mjs';
import { checkRuntime } from './image/check-runtime.mjs';
import { cacheFolder, requireTools } from './image/tools.mjs';

const counts = { passed: 0, failed: 0 };

/** Run one check and count it; a check that throws has failed, the next ones still run. */
async function check(name, run) {
  const started = Date.now();
  try {
    await run();
    counts.passed += 1;
    console.log(`ok   ${name} (${Math.round((Date.now() - started) / 1000)} s)`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAIL ${name}\n     ${String(error.stack ?? error).replaceAll('\n', '\n     ')}`);
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'slipway-image-'));
try {
  mkdirSync(cacheFolder, { recursive: true });
  requireTools();
  let image;
  await check('the cpu target of runtime/Containerfile is built', () => {
    image = buildRuntimeImage(scratch);
  });
  if (image !== undefined) await checkRuntime(check, image, scratch);
  let nodeImage;
  await check('runtime/Containerfile.node is built', () => {
    nodeImage = buildNodeImage(scratch);
  });
  if (nodeImage !== undefined) await checkNode(check, nodeImage, scratch);
} catch (error) {
  counts.failed += 1;
  console.error(`error: ${error.message}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

writeCounts('image', counts);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
