import type { Model } from '../catalog/model';
import type { Decision } from './decision';
import { GIB } from './quantity';
import { weightsOf } from './weights/source';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;

/** How often the startup probe asks; KAITO v0.12 uses the same. */
export const STARTUP_PERIOD_SECONDS = 10;

/** KAITO v0.12's rate for weights from the network: about 60 MB/s. */
const NETWORK_SECONDS_PER_GIB = 18;
/** From the node's own disk: about 120 MB/s, the baseline of a gp3 volume (125 MB/s, Amazon EBS documentation). */
const DISK_SECONDS_PER_GIB = 9;
/** What KAITO v0.12 adds for the engine's own start. */
const ENGINE_SECONDS = 15 * MINUTE_SECONDS;

/**
 * Time that the server's own start may take: KAITO v0.12's rule, 15 minutes and 18 seconds for each GiB of weights that it
 * downloads or reads over the network; 9 where they are on the node already. At least 30 minutes and at most 3 hours.
 */
export function startupBudgetSeconds(decision: Decision): number {
  const seconds = ENGINE_SECONDS + rateOf(decision) * sizeGiB(decision.model);
  return Math.min(Math.max(seconds, 30 * MINUTE_SECONDS), 3 * HOUR_SECONDS);
}

function rateOf(decision: Decision): number {
  const { from } = weightsOf(decision);
  return from === 'image' || from === 'node' ? DISK_SECONDS_PER_GIB : NETWORK_SECONDS_PER_GIB;
}

function sizeGiB({ downloadBytes }: Model): number {
  return Math.ceil(downloadBytes / GIB);
}

/** Failures of the startup probe after which the container is restarted. */
export function startupFailureThreshold(decision: Decision): number {
  return Math.ceil(startupBudgetSeconds(decision) / STARTUP_PERIOD_SECONDS);
}

/** Three times as long as KAITO's rate: no GPU waits for a Job that ends late, so that it may take slow networks. Chosen. */
const PATIENCE = 3;

/** Time for the Job that fills a shared volume, and for pods that wait for it; at least an hour. */
export function sharedDeadlineSeconds(model: Model): number {
  const seconds = ENGINE_SECONDS + PATIENCE * NETWORK_SECONDS_PER_GIB * sizeGiB(model);
  return Math.max(seconds, HOUR_SECONDS);
}

/**
 * Time for weights that come after the pod and before its server: an init step's, or the kubelet's. Those on a shared volume
 * are there before the engine makes the pod at all.
 */
function preparationSeconds(decision: Decision): number {
  if (weightsOf(decision).from !== 'image') return 0;
  return Math.max(15 * MINUTE_SECONDS, NETWORK_SECONDS_PER_GIB * sizeGiB(decision.model));
}

/** Time for a node to come: Karpenter itself gives a machine 15 minutes to register (karpenter.sh/v1). */
const NODE_BUDGET_SECONDS = 15 * MINUTE_SECONDS;
/** Time for pulling the image, 10 to 30 GB: estimated. */
const IMAGE_BUDGET_SECONDS = 15 * MINUTE_SECONDS;
/** So that the deadline is never reached before the startup probe gives its own answer: chosen. */
const MARGIN_SECONDS = 10 * MINUTE_SECONDS;

/**
 * Deployment deadline: node, image, weights and load together. Argo CD shows a Deployment as degraded after it, and
 * Kubernetes' default of 10 minutes is over before a GPU node is there.
 */
export function progressDeadlineSeconds(decision: Decision): number {
  return (
    NODE_BUDGET_SECONDS +
    IMAGE_BUDGET_SECONDS +
    preparationSeconds(decision) +
    startupBudgetSeconds(decision) +
    MARGIN_SECONDS
  );
}
