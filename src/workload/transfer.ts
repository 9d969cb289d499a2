import type { ResourceRequirements, Volume } from 'kubernetes-types/core/v1';

/** Where a step finds the logins of registries: one file for each Secret, as `--auth-file` reads them. */
export const CREDENTIALS_FOLDER = '/etc/slipway/registry';

/** What a step that moves data asks for; it works on streams. Chosen. */
export const TRANSFER_RESOURCES: ResourceRequirements = {
  requests: { cpu: '100m', memory: '256Mi' },
  limits: { memory: '1Gi' },
};

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
