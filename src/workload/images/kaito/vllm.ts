import type { InferenceConfig, VllmOptionValue } from '../../../spec/workspace';
import type { Decision } from '../../decision';
import { isList, vllmArguments, vllmOptions } from '../../vllm-options';
import { SERVER_PORT, serverPort } from '../../probes';
import { localModelFolder } from '../../weights/volume';
import type { Group } from '../contract';
import { CHAT_TEMPLATE_FOLDER, CONFIG_FILE, CONFIG_FOLDER, VLLM_FOLDER, WEIGHTS_FOLDER } from './paths';

/** The words of the command that serves with vLLM; flags are sorted, since KAITO's own order changes from run to run. */
export function vllmCommand(decision: Decision, group: Group | null): string[] {
  const { model, workspace } = decision;
  const folder = localModelFolder(decision, WEIGHTS_FOLDER);
  const options: Record<string, VllmOptionValue> = {
    ...vllmOptions(decision, {
      model: folder ?? model.huggingFaceId,
      chatTemplateFolder: CHAT_TEMPLATE_FOLDER,
    }),
    'compilation-config.pass_config.fuse_allreduce_rms': false,
    'kv-events-config': '{"enable_kv_cache_events":true}',
    ...splitLists(workspace.inference?.config ?? {}).lists,
  };
  if (folder === null) options['download-dir'] = WEIGHTS_FOLDER;
  if ((workspace.inference?.config ?? null) !== null)
    options['kaito-config-file'] = `${CONFIG_FOLDER}/${CONFIG_FILE}`;
  if (withoutCpuOffload(decision, group)) options['kaito-kv-cache-cpu-memory-utilization'] = 0;
  if (group !== null) options['distributed-executor-backend'] = 'ray';
  const port = serverPort(decision);
  if (port.number !== SERVER_PORT) options['port'] = port.number;
  // The image counts every folder of adapters in; it knows no other way.
  delete options['max-loras'];
  return ['python3', `${VLLM_FOLDER}/inference_api.py`, ...vllmArguments(options)];
}

/**
 * The config as the image's server reads it, and its options with several values, which only vLLM's command line can
 * have: the server's reader makes one word of every value.
 */
export function splitLists(config: InferenceConfig): {
  readonly file: InferenceConfig;
  readonly lists: Readonly<Record<string, VllmOptionValue>>;
} {
  const options = Object.entries(config.vllm ?? {});
  const lists = options.filter(([, value]) => isList(value));
  if (lists.length === 0) return { file: config, lists: {} };
  const others = options.filter(([, value]) => !isList(value));
  return { file: { ...config, vllm: Object.fromEntries(others) }, lists: Object.fromEntries(lists) };
}

/** KAITO v0.12 turns its offload of the KV cache to CPU memory off where the engine cannot do it. */
function withoutCpuOffload({ model, placement, workspace }: Decision, group: Group | null): boolean {
  return (
    model.vllm.hybridKvCache ||
    model.architecture === 'GptOssForCausalLM' ||
    workspace.resource.partition?.mode === 'mig' ||
    placement.dataParallel > 1 ||
    group !== null
  );
}
