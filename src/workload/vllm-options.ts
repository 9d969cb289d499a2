import type { VllmOptionItem, VllmOptionValue } from '../spec/workspace';
import type { Decision } from './decision';
import { adapterNames } from './adapters';
import { DEFAULT_LORA_RANK, reservedLoraRank } from './lora-rank';
import { listForm } from './known-options';
import { modelNames } from './served-name';

/** vLLM options by their flag, without the leading hyphens. `null`: a flag without a value. */
export type VllmOptionMap = Readonly<Record<string, VllmOptionValue>>;

/** What differs from image to image. */
export interface VllmOptionContext {
  /** Hub id or local folder. */
  readonly model: string;
  /** Folder of the image with chat templates; null where it has none. */
  readonly chatTemplateFolder: string | null;
}

/** Where KAITO's image has its chat templates. */
const KAITO_TEMPLATES = '/workspace/chat_templates/';
/** What vLLM once had and KAITO's examples still set, with the reason why nothing is lost without it. */
const GONE: Readonly<Record<string, string>> = {
  'swap-space': 'vLLM has none since its V1 engine, which computes sequences that had to make room again',
};

/**
 * What the user's config says about vLLM, without what `optionsLeftOut` names and without the model ids, which were read
 * as `servedNames`.
 */
export function userVllmOptions(decision: Decision): VllmOptionMap {
  const { config, servedNames: read = [] } = decision.workspace.inference ?? {};
  const leftOut = optionsLeftOut(decision);
  const isRead = (value: VllmOptionValue): boolean => JSON.stringify([value].flat()) === JSON.stringify(read);
  return Object.fromEntries(
    Object.entries(config?.vllm ?? {}).filter(
      ([flag, value]) => (flag !== 'served-model-name' || !isRead(value)) && !Object.hasOwn(leftOut, flag),
    ),
  );
}

/** Options of KAITO's examples that only KAITO's image can take, each with the reason. */
export function optionsLeftOut({ workspace, cluster }: Decision): Readonly<Record<string, string>> {
  const options = workspace.inference?.config?.vllm ?? {};
  const template = options['chat-template'];
  const mounts = [...(workspace.pod.volumeMounts ?? []), ...(cluster.defaults.pod.volumeMounts ?? [])];
  const isOfKaito =
    typeof template === 'string' &&
    template.startsWith(KAITO_TEMPLATES) &&
    !mounts.some(({ mountPath }) => template.startsWith(mountPath));
  return {
    ...Object.fromEntries(Object.entries(GONE).filter(([flag]) => options[flag] !== undefined)),
    ...(isOfKaito && {
      'chat-template': "the template is a file of KAITO's image; the one of the checkpoint is used",
    }),
  };
}

/** Options of vLLM from the model's facts and the placement. The user's config is not in it. */
export function vllmOptions(decision: Decision, context: VllmOptionContext): VllmOptionMap {
  const { model, placement, workspace } = decision;
  const facts = model.vllm;
  const [name, ...otherNames] = modelNames(decision);
  const options: Record<string, VllmOptionValue> = {
    model: context.model,
    'served-model-name': otherNames.length === 0 ? name : [name, ...otherNames],
    dtype: model.quantization === null ? model.dtype : 'auto',
    'max-model-len': workspace.inference?.contextLength ?? placement.maxContext,
    'gpu-memory-utilization': placement.gpuMemoryUtilization,
  };
  const set = (flag: string, value: VllmOptionValue, when: boolean): void => {
    if (when) options[flag] = value;
  };

  const fromHub = context.model === model.huggingFaceId;
  set('revision', model.revision, fromHub && model.revision !== null);
  set('trust-remote-code', null, facts.trustRemoteCode);
  set('code-revision', model.revision, fromHub && model.revision !== null && facts.trustRemoteCode);

  set('load-format', facts.loadFormat, facts.loadFormat !== 'auto');
  set('config-format', facts.configFormat, facts.configFormat !== 'auto');
  set('tokenizer-mode', facts.tokenizerMode, facts.tokenizerMode !== 'auto');
  set('kv-cache-dtype', facts.kvCacheDtype, facts.kvCacheDtype !== null);
  set('gdn-prefill-backend', facts.gdnPrefillBackend, facts.gdnPrefillBackend !== null);
  set('enable-expert-parallel', null, facts.enableExpertParallel);
  set('kernel-config.enable_flashinfer_autotune', false, !facts.flashinferAutotune);

  set('tool-call-parser', facts.toolCallParser, facts.toolCallParser !== null);
  set('enable-auto-tool-choice', null, facts.toolCallParser !== null);
  set('reasoning-parser', facts.reasoningParser, facts.reasoningParser !== null);
  if (facts.chatTemplate !== null && context.chatTemplateFolder !== null) {
    options['chat-template'] = `${context.chatTemplateFolder}/${facts.chatTemplate}`;
  }

  set('tensor-parallel-size', placement.tensorParallel, placement.tensorParallel > 1);
  set('pipeline-parallel-size', placement.pipelineParallel, placement.pipelineParallel > 1);
  set('data-parallel-size', placement.dataParallel, placement.dataParallel > 1);

  const mode = workspace.inference?.performanceMode ?? 'balanced';
  set('performance-mode', mode, mode !== 'balanced');

  const adapters = adapterNames(decision).length;
  set('enable-lora', null, adapters > 0);
  set('max-loras', adapters, adapters > 0);
  const rank = workspace.inference === null || adapters === 0 ? null : reservedLoraRank(workspace.inference);
  set('max-lora-rank', rank, rank !== null && rank !== DEFAULT_LORA_RANK);
  return options;
}

/** `options` as arguments, sorted by flag. */
export function vllmArguments(options: VllmOptionMap): string[] {
  return Object.entries(options)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([flag, value]) => (isList(value) ? listArgument(flag, value) : argument(flag, value)));
}

/** True for the several values of one option. */
export function isList(value: VllmOptionValue): value is readonly VllmOptionItem[] {
  return Array.isArray(value);
}

function listArgument(flag: string, values: readonly VllmOptionItem[]): string[] {
  return listForm(flag) === 'words'
    ? [`--${flag}`, ...values.map(String)]
    : [`--${flag}=${JSON.stringify(values)}`];
}

function argument(flag: string, value: VllmOptionItem | boolean | null): string {
  if (value === null) return `--${flag}`;
  if (typeof value !== 'boolean') return `--${flag}=${value}`;
  // A member of a config object takes a word; a switch has a form of its own for off.
  if (flag.includes('.')) return `--${flag}=${value ? 'True' : 'False'}`;
  return value ? `--${flag}` : `--no-${flag}`;
}
