import type { Container, Volume } from 'kubernetes-types/core/v1';
import type { Decision } from '../decision';
import { credentialsVolume, transferStep } from '../transfer';
import { WEIGHTS_VOLUME } from './names';
import { waitStep, WEIGHTS_FOLDER } from './shared/wait';
import { weightsOf, weightsPlace, weightsReference } from './source';
import { imageFolder } from './volume';

/** What a pod does about its weights before its server, or training, starts. */
export interface WeightsSteps {
  readonly initContainers: readonly Container[];
  readonly volumes: readonly Volume[];
  /** Names of Secrets that the kubelet needs to pull an image volume. */
  readonly imagePullSecrets: readonly string[];
}

const NOTHING: WeightsSteps = { initContainers: [], volumes: [], imagePullSecrets: [] };

/** The steps of `decision`: pull from a registry, or wait for the Job that fills a shared volume. */
export function weightsSteps(decision: Decision): WeightsSteps {
  const weights = weightsOf(decision);
  // Whatever the engine did before: a pod that starts again, or was there first, must not read half of them.
  if (weights.from === 'sharedPvc') return { ...NOTHING, initContainers: [waitStep(decision)] };
  if (weights.from !== 'image') return NOTHING;
  const secrets = weights.imagePullSecrets ?? [];
  if (weightsPlace(decision) === 'image-volume') return { ...NOTHING, imagePullSecrets: secrets };
  const { cluster, placement } = decision;
  const reference = weightsReference(decision) ?? '';
  const logins = credentialsVolume('weights-registry', secrets);
  const source =
    weights.format === 'image'
      ? [
          'image',
          reference,
          `--path=${imageFolder(weights.path)}`,
          `--architecture=${placement.machine.arch}`,
        ]
      : ['artifact', reference];
  return {
    ...NOTHING,
    initContainers: [
      transferStep(cluster, {
        name: 'fetch-weights',
        args: ['fetch', ...source, `--into=${WEIGHTS_FOLDER}`],
        volumeMounts: [{ name: WEIGHTS_VOLUME, mountPath: WEIGHTS_FOLDER }],
        logins,
      }),
    ],
    volumes: logins === null ? [] : [logins],
  };
}
