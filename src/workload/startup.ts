import type { Model } from '../catalog/model';
import { GIB } from './quantity';

const MINUTE_SECONDS = 60;

/** How often the startup probe asks; KAITO v0.12 uses the same. */
export const STARTUP_PERIOD_SECONDS = 10;

/**
 * Time that download and load may take: KAITO v0.12's rule, 15 minutes and 18 seconds for each GiB of weights
 * (about 60 MB/s), at least 30 minutes and at most 3 hours.
 */
export function startupBudgetSeconds(model: Model): number {
  const seconds = 15 * MINUTE_SECONDS + 18 * Math.ceil(model.downloadBytes / GIB);
  return Math.min(Math.max(seconds, 30 * MINUTE_SECONDS), 180 * MINUTE_SECONDS);
}

/** Failures of the startup probe after which the container is restarted. */
export function startupFailureThreshold(model: Model): number {
  return Math.ceil(startupBudgetSeconds(model) / STARTUP_PERIOD_SECONDS);
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
export function progressDeadlineSeconds(model: Model): number {
  return NODE_BUDGET_SECONDS + IMAGE_BUDGET_SECONDS + startupBudgetSeconds(model) + MARGIN_SECONDS;
}
