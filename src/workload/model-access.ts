import type { EnvVar } from 'kubernetes-types/core/v1';
import type { Decision } from './decision';
import { weightsPlace } from './weights';

/** Key of the token in the Secret, and name of the variable that the hub client reads. */
const TOKEN = 'HF_TOKEN';

/** The Secret with the Hugging Face token, or null. */
function modelAccessSecretOf({ workspace, cluster }: Decision): string | null {
  const preset = workspace.inference?.preset ?? workspace.tuning?.preset;
  return preset?.modelAccessSecret ?? cluster.defaults.modelAccessSecret;
}

/** Variables that the download needs. Weights on a claim never go to the hub. */
export function modelAccessEnv(decision: Decision): EnvVar[] {
  if (weightsPlace(decision) === 'claim') return [{ name: 'HF_HUB_OFFLINE', value: '1' }];
  const secret = modelAccessSecretOf(decision);
  if (secret === null) return [];
  // Without the Secret a gated model could only crash; the kubelet's own message is clearer.
  const optional = decision.model.gated !== 'yes';
  return [
    { name: TOKEN, valueFrom: { secretKeyRef: { name: secret, key: TOKEN, ...(optional && { optional }) } } },
  ];
}
