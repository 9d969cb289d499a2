import type { Container, ResourceRequirements, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { ClusterSpec } from '../spec/normal';
import { slipwayReference } from './images/slipway/reference';
import { containerSecurityContext } from './security';

/** Where a step finds the logins of registries: one file for each Secret, as `--auth-file` reads them. */
const CREDENTIALS_FOLDER = '/etc/slipway/registry';

/** What a step that moves data asks for; it works on streams. Chosen. */
const TRANSFER_RESOURCES: ResourceRequirements = {
  requests: { cpu: '100m', memory: '256Mi' },
  limits: { memory: '1Gi' },
};

/** The last lines that a step printed are the reason in the pod's status: who looks at a failed pod sees why. */
export const TERMINATION_MESSAGES = 'FallbackToLogsOnError';

/** What a step does. */
export interface TransferStep {
  readonly name: string;
  /** Arguments of the runtime image. */
  readonly args: readonly string[];
  readonly volumeMounts: readonly VolumeMount[];
  /** The volume with the logins of its registry; null: none are needed. */
  readonly logins: Volume | null;
}

/** A container of the runtime image that brings or takes data. It needs no root, whoever runs the pod's other containers. */
export function transferStep(
  cluster: ClusterSpec,
  { name, args, volumeMounts, logins }: TransferStep,
): Container {
  return {
    name,
    image: slipwayReference(cluster),
    args: [...args, ...(logins === null ? [] : [`--auth-file=${CREDENTIALS_FOLDER}`])],
    resources: TRANSFER_RESOURCES,
    securityContext: { ...containerSecurityContext(), runAsNonRoot: true },
    terminationMessagePolicy: TERMINATION_MESSAGES,
    volumeMounts: [
      ...volumeMounts,
      { name: 'tmp', mountPath: '/tmp' },
      ...(logins === null ? [] : [{ name: logins.name, mountPath: CREDENTIALS_FOLDER, readOnly: true }]),
    ],
  };
}

/** A volume `name` with the logins of `secrets`; null when there are none. */
export function credentialsVolume(name: string, secrets: readonly string[]): Volume | null {
  if (secrets.length === 0) return null;
  return {
    name,
    projected: {
      sources: secrets.map((secret) => ({
        secret: { name: secret, items: [{ key: '.dockerconfigjson', path: `${secret}.json` }] },
      })),
    },
  };
}
