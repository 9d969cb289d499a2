import type { Container, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { Decision } from '../decision';
import { binaryQuantity, GIB } from '../quantity';
import { credentialsVolume, transferStep } from '../transfer';
import type { TuningSpec } from '../../spec/normal';
import { outputFolder } from './config';
import { DATA_VOLUME, RESULTS_VOLUME } from './volumes';

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
      {
        name: DATA_VOLUME,
        ...(input.volumeSource ?? { emptyDir: { sizeLimit: binaryQuantity(DATA_BYTES) } }),
      },
      {
        name: RESULTS_VOLUME,
        ...(output.volumeSource ?? { emptyDir: { sizeLimit: binaryQuantity(RESULTS_BYTES) } }),
      },
      ...(inputLogins === null ? [] : [inputLogins]),
      ...(outputLogins === null ? [] : [outputLogins]),
    ],
    volumeMounts: [
      { name: DATA_VOLUME, mountPath: DATA_FOLDER, readOnly: true },
      { name: RESULTS_VOLUME, mountPath: results },
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
  return transferStep(cluster, {
    name: 'fetch-data',
    args: ['fetch', ...source, `--into=${DATA_FOLDER}`],
    volumeMounts: [{ name: DATA_VOLUME, mountPath: DATA_FOLDER }],
    logins,
  });
}

/** Runs when training has ended well, so it finds the finished adapter or nothing. */
function pushStep(
  { cluster, model }: Decision,
  image: string,
  results: string,
  logins: Volume | null,
): Container {
  return transferStep(cluster, {
    name: 'push',
    args: ['push', image, `--from=${results}`, `--model-name=${model.name}`, '--wait-seconds=0'],
    volumeMounts: [{ name: RESULTS_VOLUME, mountPath: results, readOnly: true }],
    logins,
  });
}
