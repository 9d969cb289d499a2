import type { EnvVar } from 'kubernetes-types/core/v1';
import { adaptersOf } from '../../adapters';
import type { Decision } from '../../decision';
import { type Probes, httpProbes } from '../../probes';
import type { Problem } from '../../../spec/problem';
import type { Group, RuntimeImage, ServerProgram } from '../contract';
import { commandWithLeader, groupEnv } from '../group-env';
import { checkServeConfig } from './check-config';
import { RAY_PORT, WEIGHTS_FOLDER, isMerged, serveConfig } from './config';
import { slipwayReference } from './reference';
import { SLIPWAY_USER } from './user';
import { checkWithoutEffect } from './without-effect';

const CONFIG_FOLDER = '/etc/slipway';
const CONFIG_FILE = 'config.yaml';

/** The hub client's bookkeeping; the weights themselves go to their own volume, and no second copy of their parts is kept. */
const HUB_ENV: readonly EnvVar[] = [
  { name: 'HF_HOME', value: `${SLIPWAY_USER.home}/.cache/huggingface` },
  { name: 'HF_XET_CHUNK_CACHE_SIZE_BYTES', value: '0' },
];

/** Slipway's own runtime image: one command, one file, non-root, nothing written outside its volumes. */
export const slipwayImage: RuntimeImage = {
  kind: 'slipway',
  user: SLIPWAY_USER,
  readOnlyRootFilesystem: true,
  weightsFolder: WEIGHTS_FOLDER,
  reference: slipwayReference,
  check,
  program,
};

function program(decision: Decision, group: Group | null): ServerProgram {
  return {
    args: ['serve', `--config=${CONFIG_FOLDER}/${CONFIG_FILE}`],
    env: [...HUB_ENV, ...(group === null ? [] : [...groupEnv(group), ...leaderEnv(group)])],
    config: { folder: CONFIG_FOLDER, files: () => ({ [CONFIG_FILE]: serveConfig(decision, group) }) },
    ...probes(decision, group),
  };
}

/** The config's leader address, where that is known in the cluster only: the server's settings have variables, too. */
function leaderEnv({ leader }: Group): EnvVar[] {
  return 'address' in leader ? [] : [{ name: 'SLIPWAY_RAY_LEADER_ADDRESS', value: `$(${leader.variable})` }];
}

/** Every pod answers for itself. Workers of a group end with their leader; a leader that nobody reaches is as good as gone. */
function probes(decision: Decision, group: Group | null): Probes {
  const http = httpProbes(decision, { startup: '/startupz', live: '/livez', ready: '/readyz' });
  if (group === null) return http;
  const question = ['python', '-m', 'slipway_runtime', 'probe', 'live'];
  const command = commandWithLeader(group, question, '--leader-address=', [`--ray-port=${RAY_PORT}`]);
  return {
    ...http,
    livenessProbe: { exec: { command }, timeoutSeconds: 10, periodSeconds: 20, failureThreshold: 3 },
  };
}

function check(decision: Decision): Problem[] {
  const { workspace } = decision;
  const problems: Problem[] = [...checkServeConfig(decision), ...checkWithoutEffect(decision)];
  if (workspace.inference?.role !== undefined) {
    problems.push({
      severity: 'error',
      code: 'image-without-kv-transfer',
      ...workspace.at('inference.image'),
      message: 'the image slipway cannot hand the KV cache from prefill to decode: it has no NIXL',
      allowed: 'vllm, kaito',
      next: 'leave inference.image out, or choose one of these',
    });
  }
  if (isMerged(decision)) {
    for (const [index, { name, strength }] of adaptersOf(decision).entries()) {
      if (strength !== null) continue;
      problems.push({
        severity: 'error',
        code: 'mixed-adapter-strengths',
        ...workspace.at(`inference.adapters[${index}].strength`),
        message: `adapter ${name} has no strength, but others have: with strengths all adapters are merged into one model`,
        next: 'give every adapter a strength, or none',
      });
    }
  }
  return problems;
}
