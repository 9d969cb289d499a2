import type { Container } from 'kubernetes-types/core/v1';
import type { Decision } from '../../decision';
import { sharedDeadlineSeconds } from '../../startup';
import { transferStep } from '../../transfer';
import { WEIGHTS_VOLUME } from '../names';

/** Where steps of the runtime image see the volume. */
export const WEIGHTS_FOLDER = '/mnt/weights';

/** Ends when the Job has left its mark on the volume, and at once where it has already. */
export function waitStep({ cluster, model }: Pick<Decision, 'cluster' | 'model'>): Container {
  return transferStep(cluster, {
    name: 'wait-for-weights',
    args: ['wait', 'weights', WEIGHTS_FOLDER, `--wait-seconds=${sharedDeadlineSeconds(model)}`],
    volumeMounts: [{ name: WEIGHTS_VOLUME, mountPath: WEIGHTS_FOLDER, readOnly: true }],
    logins: null,
  });
}
