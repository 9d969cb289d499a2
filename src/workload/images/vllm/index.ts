import { ADAPTERS_FOLDER, adapterNames, adaptersOf } from '../../adapters';
import type { Decision } from '../../decision';
import { httpProbes, serverPort } from '../../probes';
import { roleOf } from '../../role';
import { isFromHub, localModelFolder } from '../../weights';
import { type VllmOptionMap, userVllmOptions, vllmArguments, vllmOptions } from '../../vllm-options';
import type { Problem } from '../../../spec/problem';
import { IMAGE_FIELDS } from '../chosen';
import type { Group, RuntimeImage, ServerProgram } from '../contract';
import { POD_INDEX, groupEnv, leaderWord } from '../group-env';
import { shellQuote } from '../shell';
import { PROBE_FILE, PROBE_FOLDER, PROBE_PROGRAM, groupProbes } from './group-probe';

const REFERENCE = 'docker.io/vllm/vllm-openai:v0.32.0';
const WEIGHTS_FOLDER = '/weights';
const HOME = '/home/vllm';
const HUB_FOLDER = `${HOME}/.cache/huggingface`;
/** How a half of serving hands its KV cache over; KAITO's image sets the same. */
const KV_TRANSFER = '{"kv_connector":"NixlConnector","kv_role":"kv_both"}';
/** Port of the group's rendezvous: vLLM 0.32's default for `--master-port`. */
const MASTER_PORT = 29501;

/**
 * vLLM's own image. Since 0.20 it has an account `vllm` with uid 2000 for running without root
 * (vllm-project/vllm#40275). It has had no Ray since 0.19, so groups use vLLM's own multi-node launch.
 */
export const vllmImage: RuntimeImage = {
  kind: 'vllm',
  user: { uid: 2000, gid: 2000, name: 'vllm', home: HOME },
  readOnlyRootFilesystem: true,
  weightsFolder: WEIGHTS_FOLDER,
  reference: () => REFERENCE,
  check,
  program,
};

function program(decision: Decision, group: Group | null): ServerProgram {
  const args = serveArguments(decision);
  const env = [
    // Where nothing is downloaded, the volume is read-only.
    { name: 'HF_HOME', value: isFromHub(decision) ? WEIGHTS_FOLDER : HUB_FOLDER },
    { name: 'HF_XET_CHUNK_CACHE_SIZE_BYTES', value: '0' },
  ];
  if (group === null) {
    return {
      command: ['vllm', 'serve'],
      args,
      env,
      ...httpProbes(decision, { startup: '/health', live: '/health', ready: '/health' }),
    };
  }
  const serve = [
    ...['vllm', 'serve', ...args, `--nnodes=${group.nodes}`].map(shellQuote),
    `--master-addr=${leaderWord(group)}`,
    `--master-port=${MASTER_PORT}`,
  ];
  const script = [
    `if [ "$${POD_INDEX}" = 0 ]; then exec ${serve.join(' ')} --node-rank=0; fi`,
    `exec ${serve.join(' ')} --node-rank="$${POD_INDEX}" --headless`,
  ].join('\n');
  return {
    command: ['/bin/sh', '-c', script],
    env: [...env, ...groupEnv(group)],
    config: { folder: PROBE_FOLDER, files: () => ({ [PROBE_FILE]: PROBE_PROGRAM }) },
    ...groupProbes(decision, group),
  };
}

function serveArguments(decision: Decision): string[] {
  const { model } = decision;
  const all: VllmOptionMap = {
    ...vllmOptions(decision, {
      model: localModelFolder(decision, WEIGHTS_FOLDER) ?? model.huggingFaceId,
      chatTemplateFolder: null,
    }),
    ...(roleOf(decision) !== undefined && { 'kv-transfer-config': KV_TRANSFER }),
    ...userVllmOptions(decision),
    host: '0.0.0.0',
    port: serverPort(decision).number,
  };
  const { model: checkpoint, ...options } = all;
  const loraModules = adapterNames(decision).map((name) => `${name}=${ADAPTERS_FOLDER}/${name}`);
  // vLLM 0.32 wants the model in first place, not as `--model`.
  return [
    String(checkpoint),
    ...vllmArguments(options),
    ...(loraModules.length > 0 ? ['--lora-modules', ...loraModules] : []),
  ];
}

function check(decision: Decision): Problem[] {
  const { workspace, model } = decision;
  const problems: Problem[] = [];
  if (workspace.inference?.runtime === 'transformers') {
    problems.push({
      severity: 'error',
      code: 'image-without-runtime',
      ...workspace.at('inference.runtime'),
      message: 'the image vllm has no transformers runtime',
      allowed: 'vllm',
      next: `leave it out, or choose the image slipway (${IMAGE_FIELDS})`,
    });
  }
  for (const [index, { strength }] of adaptersOf(decision).entries()) {
    if (strength === null) continue;
    const field = `inference.adapters[${index}].strength`;
    problems.push({
      severity: 'error',
      code: 'image-without-adapter-strength',
      ...workspace.at(field),
      message: `the image vllm cannot honour a strength (${strength}): it serves each adapter as it is, under its own name`,
      next: `leave strength out, or choose the image slipway, which merges adapters by strength (${IMAGE_FIELDS})`,
    });
  }
  if (
    model.vllm.chatTemplate !== null &&
    workspace.inference?.config?.vllm?.['chat-template'] === undefined
  ) {
    problems.push({
      severity: 'warning',
      code: 'image-without-chat-template',
      ...workspace.at('inference.image'),
      message: `the image vllm has no ${model.vllm.chatTemplate}: ${model.name} is served with the chat template of its checkpoint`,
      next: `when tool calls need the template, mount it and set chat-template in the config, or choose the image kaito (${IMAGE_FIELDS})`,
    });
  }
  const given = workspace.inference?.config ?? {};
  for (const key of ['max_probe_steps', 'kv_cache_cpu_memory_utilization'] as const) {
    if (given[key] === undefined) continue;
    problems.push({
      severity: 'warning',
      code: 'config-without-effect',
      ...workspace.at(`inference.config.${key}`),
      message: `${key} has no effect: the image vllm does not know it`,
      next: `leave it out, or choose the image kaito (${IMAGE_FIELDS})`,
    });
  }
  return problems;
}
