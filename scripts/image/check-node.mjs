// What the image of the Node programs has to be able to do.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { imageConfig, makeBundle, mountImage, runBundle } from './container.mjs';

/** Run all checks of the image, each by `check(name, run)`. */
export async function checkNode(check, image, scratch) {
  const config = imageConfig(image).config;
  const { rootfs, release } = mountImage(image);
  const slipway = (name, args) => {
    const folder = join(scratch, `node-${name}`);
    return runBundle(makeBundle({ folder, rootfs, config, args }), `slipway-node-${name}-${process.pid}`);
  };
  try {
    await check('the Node image runs slipway as user 65532 with a read-only root', () => {
      assert.equal(config.User, '65532:65532');
      const version = slipway('version', ['--version']);
      assert.equal(version.code, 0, version.output);
      assert.match(version.output, /\d+\.\d+\.\d+/);
      const help = slipway('help', ['--help']);
      assert.equal(help.code, 0, help.output);
      assert.match(help.output, /Usage/);
    });
    await check('its commands find the libraries they need', () => {
      for (const command of ['render', 'provision']) {
        const help = slipway(command, [command, '--help']);
        assert.equal(help.code, 0, help.output);
        assert.match(help.output, /Usage/);
      }
    });
    await check('the Node image has no development packages', () => {
      const probe = makeBundle({
        folder: join(scratch, 'node-probe'),
        rootfs,
        config,
        command: ['ls', '/opt/slipway/node_modules'],
        args: [],
      });
      const listed = runBundle(probe, `slipway-node-probe-${process.pid}`).output.split('\n');
      assert.ok(listed.includes('commander'));
      for (const name of ['jest', 'eslint', 'typescript']) assert.ok(!listed.includes(name), name);
    });
  } finally {
    release();
  }
}
