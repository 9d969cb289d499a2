import { Command } from 'commander';
import { loadCatalog } from '../catalog/catalog';
import { EXIT_INVALID, EXIT_OK } from '../fleet/exit-code';
import { printFailure } from '../fleet/report';
import { answer } from './size/answer';
import { jsonAnswer, jsonRefusal } from './size/json';
import { printAnswer } from './size/print-answer';
import { findSubjects } from './size/subjects';
import { parseWishes, type SizeOptions } from './size/wishes';

/** `slipway size`: where a model fits, and what of the GPU memory goes where. */
export function sizeCommand(): Command {
  return new Command('size')
    .description('say where a model fits, and what of the GPU memory goes where')
    .requiredOption('-m, --model <name>', 'model of the catalogue: name, alias or Hugging Face id')
    .option('--machine <type>', 'machine type; without it the cheapest of the cloud that fits')
    .option('--cloud <cloud>', 'azure, aws or gcp (default: that of the machine type, else azure)')
    .option('--context <tokens>', 'tokens of one request (default: the most that fits)')
    .option('--concurrency <count>', 'requests of that length at once (default: 1)')
    .option('--nodes <count>', 'exactly so many nodes (default: as many as it needs)')
    .option('--runtime <runtime>', 'vllm or transformers', 'vllm')
    .option(
      '--gpu-memory-utilization <share>',
      'share of the GPU memory for vLLM (default: 0.84; 0.82 on A10)',
    )
    .option('--max-num-seqs <count>', 'sequences of a batch (default: that of vLLM for the GPU)')
    .option('--max-num-batched-tokens <count>', 'tokens of a batch (default: that of vLLM for the GPU)')
    .option('--kv-cache-dtype <type>', 'type of the KV cache, such as fp8 (default: that of the model)')
    .option('--performance-mode <mode>', 'balanced, interactivity or throughput, which doubles batches')
    .option('--enforce-eager', 'without CUDA graphs')
    .option('--presets <folder>', 'folder with presets of your own')
    .option('--json', 'print a JSON object')
    .addHelpText(
      'after',
      '\nExit codes: 0 it fits, 2 it does not or the question is wrong, 1 internal error.',
    )
    .action((options: SizeOptions) => {
      process.exitCode = sizeModel(options);
    });
}

function sizeModel(options: SizeOptions): number {
  try {
    const catalog = loadCatalog(options.presets);
    const wishes = parseWishes(options);
    const subjects = findSubjects(options, catalog);
    if ('problems' in wishes || 'problems' in subjects) {
      const problems = [...problemsOf(subjects), ...problemsOf(wishes)];
      for (const problem of problems) process.stderr.write(`error: ${problem}\n`);
      if (options.json === true) printJson(jsonRefusal(options.model, options.machine, problems.join('; ')));
      return EXIT_INVALID;
    }
    const found = answer(subjects, wishes, catalog);
    if (options.json === true) printJson(jsonAnswer(found));
    else printAnswer(found);
    return found.placement ? EXIT_OK : EXIT_INVALID;
  } catch (error) {
    return printFailure(error, process.stderr);
  }
}

function problemsOf(value: object): readonly string[] {
  return 'problems' in value && Array.isArray(value.problems) ? (value.problems as readonly string[]) : [];
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
