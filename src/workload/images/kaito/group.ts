import type { Probe } from 'kubernetes-types/core/v1';
import type { Decision } from '../../decision';
import { type Probes, SERVER_PORT } from '../../probes';
import { STARTUP_PERIOD_SECONDS, startupFailureThreshold } from '../../startup';
import type { Group } from '../contract';
import { POD_INDEX, commandWithLeader, leaderWord } from '../group-env';
import { shellQuote } from '../shell';
import { VLLM_FOLDER } from './paths';

const RAY_PORT = 6379;
const SERVING = `${VLLM_FOLDER}/multi-node-serving.sh`;
const HEALTH = `${VLLM_FOLDER}/multi-node-health-check.py`;

/** The pod with index 0 leads the Ray group and serves; the others join it. */
export function groupCommand(serve: readonly string[], group: Group): string {
  return [
    `if [ "$${POD_INDEX}" = "0" ]; then`,
    `  ${SERVING} leader --ray_cluster_size=${group.nodes} --ray_port=${RAY_PORT}; ${serve.map(shellQuote).join(' ')};`,
    'else',
    `  ${SERVING} worker --ray_address=${leaderWord(group)} --ray_port=${RAY_PORT};`,
    'fi',
  ].join('\n');
}

/** KAITO's probes of a Ray group: its script answers for leader and workers. */
export function groupProbes(decision: Decision, group: Group): Probes {
  const ask = (question: 'liveness' | 'readiness', ...more: readonly string[]): Probe => ({
    exec: {
      command: commandWithLeader(group, ['python3', HEALTH, question], '--leader-address=', [
        `--ray-port=${RAY_PORT}`,
        ...more,
      ]),
    },
  });
  const ready = ask('readiness', `--vllm-port=${SERVER_PORT}`);
  return {
    startupProbe: {
      ...ready,
      periodSeconds: STARTUP_PERIOD_SECONDS,
      timeoutSeconds: 5,
      failureThreshold: startupFailureThreshold(decision),
    },
    livenessProbe: {
      ...ask('liveness'),
      // A dead actor never comes back: the whole group has to start again, at once.
      failureThreshold: 1,
      initialDelaySeconds: 60,
      periodSeconds: 10,
      terminationGracePeriodSeconds: 1,
      timeoutSeconds: 5,
    },
    readinessProbe: { ...ready, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 1 },
  };
}
