import type { Container, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { Decision } from '../decision';
import { slipwayReference } from '../images/slipway/reference';
import { binaryQuantity, GIB } from '../quantity';
import { containerSecurityContext } from '../security';
import { CREDENTIALS_FOLDER, TRANSFER_RESOURCES, credentialsVolume } from '../transfer';
import type { TuningSpec } from '../../spec/normal';
import { outputFolder } from './config';

/** The last lines that a step printed are the reason in the pod's status: who looks at a failed Job sees why. */
export const TERMINATION_MESSAGES = 'FallbackToLogsOnError';

/** Where training looks for its rows; KAITO's path. */
const DATA_FOLDER = '/mnt/data';
/** Room for downloaded rows, and for adapter and checkpoints: chosen. */
const DATA_BYTES = 20 * GIB;
const RESULTS_BYTES = 20 * GIB;

/** Disk of the node that data and results of a tuning Workspace take. */
export function tuningDiskBytes({ input, output }: TuningSpec): number {
  return (
    (input.volumeSource === undefined ? DATA_BYTES : 0) +
    (output.volumeSource === undefined ? RESULTS_BYTES : 0)
  );
}

/** What brings the rows to training and takes the adapter away. */
export interface DataParts {
  readonly fetch: Container | null;
  readonly push: Container | null;
  readonly volumes: readonly Volume[];
  /** Mounts of the training container. */
  readonly volumeMounts: readonly VolumeMount[];
}

/** Input and output of `tuning`. */
export function dataParts(decision: Decision, tuning: TuningSpec): DataParts {
  const { input, output } = tuning;
  const results = outputFolder(tuning);
  const inputLogins = credentialsVolume('input-registry', input.imagePullSecrets ?? []);
  const outputLogins = credentialsVolume(
    'output-registry',
    output.imagePushSecret === undefined ? [] : [output.imagePushSecret],
  );
  return {
    fetch: fetchStep(decision, tuning, inputLogins),
    push: output.image === undefined ? null : pushStep(decision, output.image, results, outputLogins),
    volumes: [
      { name: 'data', ...(input.volumeSource ?? { emptyDir: { sizeLimit: binaryQuantity(DATA_BYTES) } }) },
      {
        name: 'results',
        ...(output.volumeSource ?? { emptyDir: { sizeLimit: binaryQuantity(RESULTS_BYTES) } }),
      },
      ...(inputLogins === null ? [] : [inputLogins]),
      ...(outputLogins === null ? [] : [outputLogins]),
    ],
    volumeMounts: [
      { name: 'data', mountPath: DATA_FOLDER, readOnly: true },
      { name: 'results', mountPath: results },
    ],
  };
}

function fetchStep(
  { cluster, placement }: Decision,
  { input }: TuningSpec,
  logins: Volume | null,
): Container | null {
  const source =
    input.urls !== undefined
      ? ['urls', ...input.urls]
      : input.image !== undefined
        ? ['image', input.image, `--architecture=${placement.machine.arch}`]
        : null;
  if (source === null) return null;
  return {
    name: 'fetch-data',
    image: slipwayReference(cluster),
    args: [
      'fetch',
      ...source,
      `--into=${DATA_FOLDER}`,
      ...(logins === null ? [] : [`--auth-file=${CREDENTIALS_FOLDER}`]),
    ],
    resources: TRANSFER_RESOURCES,
    securityContext: containerSecurityContext(),
    terminationMessagePolicy: TERMINATION_MESSAGES,
    volumeMounts: [
      { name: 'data', mountPath: DATA_FOLDER },
      { name: 'tmp', mountPath: '/tmp' },
      ...loginMounts(logins),
    ],
  };
}

/** Runs when training has ended well, so it finds the finished adapter or nothing. */
function pushStep(
  { cluster, model }: Decision,
  image: string,
  results: string,
  logins: Volume | null,
): Container {
  return {
    name: 'push',
    image: slipwayReference(cluster),
    args: [
      'push',
      image,
      `--from=${results}`,
      `--model-name=${model.name}`,
      '--wait-seconds=0',
      ...(logins === null ? [] : [`--auth-file=${CREDENTIALS_FOLDER}`]),
    ],
    resources: TRANSFER_RESOURCES,
    securityContext: containerSecurityContext(),
    terminationMessagePolicy: TERMINATION_MESSAGES,
    volumeMounts: [
      { name: 'results', mountPath: results, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
      ...loginMounts(logins),
    ],
  };
}

function loginMounts(logins: Volume | null): VolumeMount[] {
  return logins === null ? [] : [{ name: logins.name, mountPath: CREDENTIALS_FOLDER, readOnly: true }];
}
