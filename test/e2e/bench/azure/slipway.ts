// The provisioner from its sources, as the image runs it from what is built: the program of the provisioner's pod. All is real
// but the time, which passes faster: it looks every fifteen seconds, and a lease that nobody renews is free after a minute.
import { Command } from 'commander';
import { provisionCommand } from '../../../../src/provisioner/cli';
import { systemRuntime } from '../../../../src/provisioner/runtime';
import { fastClock } from './fast-clock';

const clock = fastClock(Number(process.env['SLIPWAY_E2E_EPOCH'] ?? Date.now()));

new Command('slipway')
  .addCommand(provisionCommand({ ...systemRuntime, clock }))
  .parseAsync(process.argv.slice(2), { from: 'user' })
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
