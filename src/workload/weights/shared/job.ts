import type { Job, PodFailurePolicy } from 'kubernetes-types/batch/v1';
import type { Container, EnvVar, PodTemplateSpec, Volume } from 'kubernetes-types/core/v1';
import { SLIPWAY_USER } from '../../images/slipway/user';
import { tokenEnv } from '../../model-access';
import { contentHash, withSuffix } from '../../names';
import { distinct } from '../../pod-props';
import { GIB, binaryQuantity } from '../../quantity';
import { sharedDeadlineSeconds } from '../../startup';
import { credentialsVolume, transferStep } from '../../transfer';
import { WEIGHTS_VOLUME } from '../names';
import { sharedPod } from './pod';
import type { SharedRequest } from './request';
import { WEIGHTS_FOLDER } from './wait';

/** New pods after failures that another try may mend; each goes on where the last one stopped. */
const BACKOFF_LIMIT = 6;

/** Exit codes of `fetch`: 2 arguments, 3 refused by the hub or registry. A pod that had to make room is no failure. */
const FAILURE_POLICY: PodFailurePolicy = {
  rules: [
    { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    { action: 'FailJob', onExitCodes: { operator: 'In', values: [2, 3] } },
  ],
};

/** What a download asks for: the hub client checks as it writes. Chosen. */
const RESOURCES = {
  requests: { cpu: '1', memory: '2Gi', 'ephemeral-storage': '1Gi' },
  limits: { memory: '8Gi' },
};

/** Logs and bookkeeping of the hub client; the weights go to their volume. */
const SCRATCH: readonly Volume[] = ['home', 'tmp'].map((name) => ({
  name,
  emptyDir: { sizeLimit: binaryQuantity(GIB) },
}));

/**
 * The Job that fills the claim. Its name holds a hash of everything it does, and it has no time to live, as with tuning. One
 * that finds the volume filled ends at once.
 */
export function sharedJob(
  labels: Readonly<Record<string, string>>,
  request: SharedRequest,
  requests: readonly SharedRequest[],
) {
  const spec: NonNullable<Job['spec']> = {
    backoffLimit: BACKOFF_LIMIT,
    activeDeadlineSeconds: sharedDeadlineSeconds(request.model),
    podFailurePolicy: FAILURE_POLICY,
    template: podOf(labels, request, requests),
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: withSuffix(request.claimName, contentHash(spec)),
      namespace: request.workspace.namespace,
      labels,
    },
    spec,
  } satisfies Job;
}

function podOf(
  labels: Readonly<Record<string, string>>,
  request: SharedRequest,
  requests: readonly SharedRequest[],
): PodTemplateSpec {
  const { claimName, cluster, weights } = request;
  const secrets = distinct(requests.flatMap((each) => each.weights.imagePullSecrets ?? [])).sort();
  const logins = weights.reference === undefined ? null : credentialsVolume('weights-registry', secrets);
  return sharedPod(cluster, labels, fetchStep(request, logins), [
    { name: WEIGHTS_VOLUME, persistentVolumeClaim: { claimName } },
    ...SCRATCH,
    ...(logins === null ? [] : [logins]),
  ]);
}

function fetchStep(
  { cluster, model, weights, tokenSecret }: SharedRequest,
  logins: Volume | null,
): Container {
  const source =
    weights.reference === undefined
      ? ['hub', model.huggingFaceId, ...(model.revision === null ? [] : [`--revision=${model.revision}`])]
      : ['artifact', weights.reference];
  const step = transferStep(cluster, {
    name: 'fetch-weights',
    args: ['fetch', ...source, `--into=${WEIGHTS_FOLDER}`],
    volumeMounts: [
      { name: WEIGHTS_VOLUME, mountPath: WEIGHTS_FOLDER },
      { name: 'home', mountPath: SLIPWAY_USER.home },
    ],
    logins,
  });
  const env: EnvVar[] = [
    { name: 'HOME', value: SLIPWAY_USER.home },
    { name: 'HF_XET_CHUNK_CACHE_SIZE_BYTES', value: '0' },
    ...(tokenSecret === null ? [] : tokenEnv(tokenSecret, model)),
  ];
  return { ...step, env, resources: RESOURCES };
}
