import type { Decision } from '../../decision';
import { localModelFolder } from '../../weights/volume';
import { modelNames } from '../../served-name';
import { CHAT_TEMPLATE_FOLDER, TRANSFORMERS_FOLDER, WEIGHTS_FOLDER } from './paths';

type Flags = Readonly<Record<string, string | null>>;

/** Flags of KAITO v0.12's model families, by the beginning of the architecture. */
const FAMILIES: readonly (readonly [string, Flags])[] = [
  ['Phi', { torch_dtype: 'auto', pipeline: 'text-generation', trust_remote_code: null }],
  ['Mistral', { torch_dtype: 'bfloat16', chat_template: `${CHAT_TEMPLATE_FOLDER}/mistral-instruct.jinja` }],
  ['Llama', { torch_dtype: 'bfloat16', chat_template: `${CHAT_TEMPLATE_FOLDER}/llama-3-instruct.jinja` }],
  ['Gemma', { torch_dtype: 'auto' }],
  ['GptOss', { torch_dtype: 'auto' }],
  ['Qwen', { torch_dtype: 'bfloat16' }],
  ['Deepseek', { torch_dtype: 'bfloat16' }],
];

/** The words of the command that serves with transformers, flags sorted. */
export function transformersCommand(decision: Decision): string[] {
  const { model } = decision;
  const [servedName] = modelNames(decision);
  const family = FAMILIES.find(([prefix]) => model.architecture.startsWith(prefix));
  const folder = localModelFolder(decision, WEIGHTS_FOLDER);
  const flags: Flags = {
    ...(family?.[1] ?? { torch_dtype: model.dtype }),
    served_model_name: servedName,
    pretrained_model_name_or_path: folder ?? model.huggingFaceId,
    ...(folder === null && { allow_remote_files: null }),
    ...(folder === null && model.revision !== null && { revision: model.revision }),
  };
  return [
    'accelerate',
    'launch',
    '--gpu_ids=all',
    '--machine_rank=0',
    '--num_machines=1',
    '--num_processes=1',
    `${TRANSFORMERS_FOLDER}/inference_api.py`,
    ...Object.entries(flags)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([flag, value]) => (value === null ? `--${flag}` : `--${flag}=${value}`)),
  ];
}
