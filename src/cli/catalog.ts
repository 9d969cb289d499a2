import { Command } from 'commander';
import { addCommand } from './catalog/add';
import { machinesCommand } from './catalog/machines';
import { modelsCommand } from './catalog/models';

/** `slipway catalog`: what the catalogue holds, and how one's own models get into it. */
export function catalogCommand(): Command {
  return new Command('catalog')
    .description('list models and machine types, add a model of your own')
    .addCommand(modelsCommand())
    .addCommand(machinesCommand())
    .addCommand(addCommand());
}
