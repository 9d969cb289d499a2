import type { VllmOptionValue } from '../../../spec/workspace';
import { ADAPTERS_FOLDER, adaptersOf } from '../../adapters';
import type { Decision } from '../../decision';
import { SERVER_PORT } from '../../probes';
import { type VllmOptionMap, userVllmOptions, vllmOptions } from '../../vllm-options';
import { localModelFolder } from '../../weights/volume';
import { toYaml, type JsonObject, type JsonValue } from '../../yaml';
import type { Group } from '../contract';
import type { RuntimeSection, ServeConfig } from './serve-config';
import { serveConfigErrors } from './serve-schema';

/** Folder of downloads in the image. */
export const WEIGHTS_FOLDER = '/workspace/weights';
/** Port of the Ray head node. */
export const RAY_PORT = 6379;

/** Members of the `runtime` section that vLLM knows as options, by their flag. */
const RUNTIME_MEMBERS: Readonly<Record<string, keyof RuntimeSection>> = {
  model: 'model',
  revision: 'revision',
  'served-model-name': 'served_model_name',
  dtype: 'dtype',
  'max-model-len': 'max_context',
  'trust-remote-code': 'trust_remote_code',
  'chat-template': 'chat_template',
};

/** Options that the server finds out by itself, from the adapters and from the snapshot that it has downloaded. */
const OWN_OPTIONS = new Set(['enable-lora', 'max-loras', 'max-lora-rank', 'code-revision']);

/**
 * The text of `serve --config`. Keys are sorted.
 *
 * @throws if the server's schema refuses it, which `checkServeConfig` says before.
 */
export function serveConfig(decision: Decision, group: Group | null): string {
  const config = serveSettings(decision, group);
  const refused = serveConfigErrors(config);
  if (refused.length > 0) {
    const listed = refused.map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? ''}`);
    throw new Error(`the server would refuse its config: ${listed.join('; ')}`);
  }
  return toYaml(config);
}

/** What the server is told; its shape is that of `schemas/serve.schema.json`. */
export function serveSettings(decision: Decision, group: Group | null): JsonObject {
  const { workspace, model } = decision;
  const inference = workspace.inference;
  const isVllm = inference?.runtime !== 'transformers';
  const options = vllmOptions(decision, {
    model: localModelFolder(decision, WEIGHTS_FOLDER) ?? model.huggingFaceId,
    // The image brings no templates: the checkpoint's own is used.
    chatTemplateFolder: null,
  });
  const runtime: Partial<Record<keyof RuntimeSection, JsonValue>> = {
    backend: isVllm ? 'vllm' : 'transformers',
  };
  const vllm: Record<string, VllmOptionValue> = {};
  for (const [flag, value] of Object.entries(options)) {
    const member = RUNTIME_MEMBERS[flag];
    if (member !== undefined) runtime[member] = value ?? true;
    else if (!OWN_OPTIONS.has(flag)) vllm[flag] = value;
  }
  if (group !== null) vllm['distributed-executor-backend'] = 'ray';
  const { max_probe_steps, kv_cache_cpu_memory_utilization } = inference?.config ?? {};
  const adapters = adaptersOf(decision);

  const sections = {
    server: { port: SERVER_PORT },
    weights: { dir: WEIGHTS_FOLDER },
    ...(adapters.length > 0 && {
      adapters: {
        dir: ADAPTERS_FOLDER,
        mode: isMerged(decision) ? 'merged' : 'per-request',
        items: adapters.map(({ name, strength }) => ({ name, ...(strength !== null && { strength }) })),
      },
    }),
    ...(group !== null && {
      ray: {
        cluster_size: group.nodes,
        ...('address' in group.leader && { leader_address: group.leader.address }),
        port: RAY_PORT,
      },
    }),
    ...(max_probe_steps !== undefined && { max_probe_steps }),
    ...(kv_cache_cpu_memory_utilization !== undefined && { kv_cache_cpu_memory_utilization }),
  } satisfies Omit<ServeConfig, 'runtime' | 'vllm'>;
  return {
    runtime,
    ...sections,
    ...(isVllm && { vllm: asMap({ ...vllm, ...userVllmOptions(decision) }) }),
  };
}

/** A strength asks for one model with all adapters merged; without, each adapter is a model id of its own. */
export function isMerged(decision: Decision): boolean {
  return adaptersOf(decision).some(({ strength }) => strength !== null);
}

/** Options as the server takes them: a flag without a value is true, and `config.member` a member of a map. */
function asMap(options: VllmOptionMap): JsonObject {
  const map: Record<string, JsonValue> = {};
  for (const [flag, value] of Object.entries(options)) {
    const [head = flag, ...members] = flag.split('.');
    if (members.length === 0) map[head] = value ?? true;
    else map[head] = merged(map[head], members, value ?? true);
  }
  return map;
}

function merged(
  into: JsonValue | undefined,
  [member, ...rest]: readonly string[],
  value: JsonValue,
): JsonValue {
  if (member === undefined) return value;
  const base: JsonObject = isMap(into) ? into : {};
  return { ...base, [member]: merged(base[member], rest, value) };
}

function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
