import { Command, Option } from 'commander';
import { loadCatalog } from '../../catalog/catalog';
import type { CatalogModel, Model } from '../../catalog/model';
import { EXIT_OK } from '../../fleet/exit-code';
import { printFailure } from '../../fleet/report';
import type { Runtime } from '../../spec/workspace';
import { inGib, parseGib, printJson, printTable, type Column } from './listing';

interface ModelFilters {
  readonly runtime?: Runtime;
  readonly license?: string;
  readonly gated?: Model['gated'];
  readonly tunable?: boolean;
  readonly weightsImage?: boolean;
  /** Bytes. */
  readonly fitsMemory?: number;
  readonly all?: boolean;
}

interface ModelsOptions extends ModelFilters {
  readonly json?: boolean;
  readonly presets?: string;
}

const COLUMNS: readonly Column<CatalogModel>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'WEIGHTS GiB', align: 'right', text: figure((model) => inGib(model.weightBytes)) },
  { title: 'CONTEXT', align: 'right', text: figure((model) => model.maxContext.toLocaleString('en-US')) },
  { title: 'QUANTIZATION', text: figure((model) => model.quantization ?? '') },
  { title: 'RUNTIMES', text: figure((model) => model.runtimes.join(', ')) },
  { title: 'TUNABLE', text: figure((model) => (model.tuning.supported ? 'yes' : '')) },
  { title: 'GATED', text: figure((model) => model.gated) },
  { title: 'LICENSE', text: figure((model) => model.license) },
];

/** Only when retired models are listed. */
const STATUS: Column<CatalogModel> = {
  title: 'STATUS',
  text: (model) => {
    if (model.status === 'current') return '';
    return model.replacement === null ? 'retired' : `retired: use ${model.replacement}`;
  },
};

/** `slipway catalog models`. */
export function modelsCommand(): Command {
  return new Command('models')
    .description('list the models')
    .argument('[text]', 'only those with this text in their name, alias or Hugging Face id')
    .addOption(new Option('--runtime <runtime>', 'only those that it runs').choices(['vllm', 'transformers']))
    .option('--license <license>', 'only those with this licence, as the hub names it')
    .addOption(
      new Option('--gated <gated>', 'only those whose repository asks for access first, or not').choices([
        'yes',
        'no',
        'unknown',
      ]),
    )
    .option('--tunable', 'only those that can be fine-tuned')
    .option('--weights-image', 'only those with a public image of their weights (weights: {from: image})')
    .option(
      '--fits-memory <GiB>',
      'only those whose weights are smaller; "slipway size" says what really fits',
      parseGib,
    )
    .option('--all', 'retired ones, too')
    .option('--presets <folder>', 'folder with presets of your own')
    .option('--json', 'print a JSON array of the presets')
    .action((text: string | undefined, options: ModelsOptions) => {
      process.exitCode = listModels(text, options);
    });
}

function listModels(text: string | undefined, options: ModelsOptions): number {
  try {
    const all = loadCatalog(options.presets).models();
    const models = all.filter((model) => matches(model, text, options));
    if (options.json === true) printJson(models);
    else if (models.length > 0) printTable(models, options.all === true ? [...COLUMNS, STATUS] : COLUMNS);
    if (models.length === 0) process.stderr.write('no model matches\n');
    return EXIT_OK;
  } catch (error) {
    return printFailure(error, process.stderr);
  }
}

function matches(model: CatalogModel, text: string | undefined, filters: ModelFilters): boolean {
  const names = [model.name, ...model.aliases, model.huggingFaceId].map((name) => name.toLowerCase());
  if (text !== undefined && !names.some((name) => name.includes(text.toLowerCase()))) return false;
  const { runtime, license, gated, tunable, weightsImage, fitsMemory, all } = filters;
  if (model.status === 'retired') {
    // A retired model has no figures that a filter could look at.
    return (
      all === true &&
      [runtime, license, gated, tunable, weightsImage, fitsMemory].every((filter) => filter === undefined)
    );
  }
  return (
    (runtime === undefined || model.runtimes.includes(runtime)) &&
    (license === undefined || model.license.toLowerCase() === license.toLowerCase()) &&
    (gated === undefined || model.gated === gated) &&
    (tunable === undefined || model.tuning.supported) &&
    (weightsImage === undefined || model.weightsImage !== undefined) &&
    (fitsMemory === undefined || model.weightBytes <= fitsMemory)
  );
}

/** Text of a column that retired models have no value for. */
function figure(text: (model: Model) => string): (model: CatalogModel) => string {
  return (model) => (model.status === 'current' ? text(model) : '');
}
