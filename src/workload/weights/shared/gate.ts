import type { Job } from 'kubernetes-types/batch/v1';
import type { Construct } from 'constructs';
import type { SharedWeights } from '../../../spec/weights';
import { type Decision, LABELS } from '../../decision';
import { labelsOf, objectMetadata } from '../../metadata';
import { contentHash, withSuffix } from '../../names';
import { addObject } from '../../object';
import { sharedDeadlineSeconds } from '../../startup';
import { WEIGHTS_VOLUME } from '../names';
import { sharedClaimName } from './identity';
import { sharedPod } from './pod';
import { waitStep } from './wait';

/** Before the pods that load the weights (wave 0), after their ConfigMap (wave -10). */
const SYNC_WAVE = { 'argocd.argoproj.io/sync-wave': '-5' };
/** New pods for one that a node took with it. */
const BACKOFF_LIMIT = 2;
/** Time for its own image: chosen. */
const MARGIN_SECONDS = 15 * 60;

/**
 * Make a Job that ends when the weights are there, in the wave before the pods: Argo CD then touches nothing that serves, and
 * asks for no GPU, until the download has ended. It mounts the claim itself, so that a volume that waits for its first
 * pod is made. Flux needs none: it applies this folder after the one with the claim.
 */
export function addGate(scope: Construct, decision: Decision, weights: SharedWeights): void {
  const { cluster, workspace, model } = decision;
  if (cluster.gitOps !== 'argocd') return;
  const claimName = sharedClaimName(model, weights);
  const labels = { [LABELS.weights]: claimName, [LABELS.managedBy]: 'slipway' };
  const spec: NonNullable<Job['spec']> = {
    backoffLimit: BACKOFF_LIMIT,
    activeDeadlineSeconds: sharedDeadlineSeconds(model) + MARGIN_SECONDS,
    template: sharedPod(cluster, labels, waitStep(decision), [
      { name: WEIGHTS_VOLUME, persistentVolumeClaim: { claimName, readOnly: true } },
      { name: 'tmp', emptyDir: {} },
    ]),
  };
  const metadata = objectMetadata(
    decision,
    withSuffix(`${workspace.name}-weights`, contentHash(spec)),
    SYNC_WAVE,
  );
  addObject(scope, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, labels: { ...labelsOf(decision), ...labels } },
    spec,
  } satisfies Job);
}
