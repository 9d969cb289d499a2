import { statSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadCatalog } from '../../catalog/catalog';
import { derivePreset, type DerivedPreset } from '../../catalog/derive/derive-preset';
import { folderSource } from '../../catalog/derive/folder-source';
import { hubSource } from '../../catalog/derive/hub-source';
import { SourceError, type ModelSource } from '../../catalog/derive/source';
import type { Model } from '../../catalog/model';
import { presetText, type PresetComments } from '../../catalog/preset-text';
import { writePreset } from '../../catalog/write-preset';
import { EXIT_INVALID, EXIT_OK } from '../../fleet/exit-code';
import { printFailure } from '../../fleet/report';
import { colorsFor } from '../../spec/colors';

const STANDARD_OUTPUT = '-';

interface AddOptions {
  readonly fromHub?: boolean;
  readonly revision?: string;
  readonly output: string;
  readonly name?: string;
  readonly id?: string;
  readonly license?: string;
  readonly gated?: Model['gated'];
  readonly force?: boolean;
}

/** `slipway catalog add`. */
export function addCommand(): Command {
  return new Command('add')
    .description("make a preset from a model's config.json and the sizes of its weights")
    .argument('<model>', 'folder with the model; with --from-hub its Hugging Face id, such as owner/model')
    .option('--from-hub', 'read the model from the Hugging Face hub (HF_TOKEN, HF_ENDPOINT)')
    .option(
      '--revision <revision>',
      'branch, tag or commit on the hub; it is pinned to its commit (default: main)',
    )
    .option(
      '-o, --output <folder>',
      'folder to write the preset to; - writes it to standard output',
      'presets/models',
    )
    .addOption(
      new Option(
        '--name <name>',
        'name of the preset (default: the last part of the id, in lower case)',
      ).argParser(parseName),
    )
    .addOption(
      new Option('--id <id>', 'Hugging Face id of a model in a folder')
        .argParser(parseId)
        .conflicts('fromHub'),
    )
    .option('--license <license>', 'licence of the model, as the hub names it (default: from the model card)')
    .addOption(
      new Option('--gated <gated>', 'whether the hub asks for access first').choices([
        'yes',
        'no',
        'unknown',
      ]),
    )
    .option('--force', 'write over a preset that is there')
    .addHelpText('after', '\nExit codes: 0 written, 2 bad input (nothing is written), 1 internal error.')
    .action(async (model: string, options: AddOptions) => {
      process.exitCode = await addModel(model, options);
    });
}

async function addModel(model: string, options: AddOptions): Promise<number> {
  try {
    const source = await sourceOf(model, options);
    const { name, id, license, gated } = options;
    const derived = await derivePreset(source, {
      ...(name !== undefined && { name }),
      ...(id !== undefined && { huggingFaceId: id }),
      ...(license !== undefined && { license }),
      ...(gated !== undefined && { gated }),
    });
    const comments = commentsOf(derived);
    if (options.output === STANDARD_OUTPUT) process.stdout.write(presetText(derived.model, comments));
    else {
      const file = writePreset(options.output, derived.model, comments, { replace: options.force === true });
      process.stdout.write(`${file}\n`);
    }
    tell(derived);
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof SourceError)) return printFailure(error, process.stderr);
    const next = error.next === undefined ? '' : `\n  next: ${error.next}`;
    process.stderr.write(
      `${colorsFor(process.stderr).red('error')}  ${error.message}${next}\nnothing was written\n`,
    );
    return EXIT_INVALID;
  }
}

async function sourceOf(model: string, options: AddOptions): Promise<ModelSource> {
  if (options.fromHub === true) {
    if (!/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(model)) {
      throw new SourceError(`${JSON.stringify(model)} is no Hugging Face id`, 'write it as owner/model');
    }
    return hubSource(model, options.revision === undefined ? {} : { revision: options.revision });
  }
  if (options.revision !== undefined) {
    throw new SourceError(
      '--revision names a revision on the hub, and the model is a folder',
      'add --from-hub',
    );
  }
  const found = statSync(model, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return folderSource(model);
  throw new SourceError(
    found === undefined
      ? `there is no folder ${JSON.stringify(model)}`
      : `${JSON.stringify(model)} is not a folder`,
    'name the folder that holds config.json, or add --from-hub to read a model from the hub',
  );
}

function commentsOf({ assumptions }: DerivedPreset): PresetComments {
  if (assumptions.length === 0) return {};
  return { head: ['Assumed; check before relying on it:', ...assumptions.map((each) => `- ${each}`)] };
}

/** What the user should know about the preset. */
function tell({ model, assumptions }: DerivedPreset): void {
  const warning = colorsFor(process.stderr).yellow('warning');
  for (const each of assumptions) process.stderr.write(`${warning}  ${each}\n`);
  const catalog = loadCatalog();
  const taken = catalog.model(model.name) ?? catalog.model(model.huggingFaceId);
  if (taken !== undefined) {
    process.stderr.write(
      `${warning}  the catalogue has this model already, as ${taken.name}: read with it, the preset is a duplicate\n`,
    );
  }
}

function parseName(text: string): string {
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('allowed: lower case letters, digits, hyphens and dots.');
}

function parseId(text: string): string {
  if (/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(text)) return text;
  throw new InvalidArgumentError('allowed: owner/model.');
}
