import type { EnvVar } from 'kubernetes-types/core/v1';
import type { Model } from '../catalog/model';
import type { Decision } from './decision';
import { isFromHub } from './weights/source';

/** Key of the token in the Secret, and name of the variable that the hub client reads. */
const TOKEN = 'HF_TOKEN';

/** The Secret with the Hugging Face token, or null. */
export function modelAccessSecretOf({ workspace, cluster }: Decision): string | null {
  const preset = workspace.inference?.preset ?? workspace.tuning?.preset;
  return preset?.modelAccessSecret ?? cluster.defaults.modelAccessSecret;
}

/** Variables that the pod's download needs. Weights from elsewhere never go to the hub. */
export function modelAccessEnv(decision: Decision): EnvVar[] {
  if (!isFromHub(decision)) return [{ name: 'HF_HUB_OFFLINE', value: '1' }];
  const secret = modelAccessSecretOf(decision);
  return secret === null ? [] : tokenEnv(secret, decision.model);
}

/** The token in the Secret of that name, for the download of `model`. */
export function tokenEnv(secret: string, model: Model): EnvVar[] {
  // Without the Secret a gated model could only crash; the kubelet's own message is clearer.
  const optional = model.gated !== 'yes';
  return [
    { name: TOKEN, valueFrom: { secretKeyRef: { name: secret, key: TOKEN, ...(optional && { optional }) } } },
  ];
}
