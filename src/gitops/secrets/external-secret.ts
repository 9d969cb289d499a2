import type { ClusterSpec } from '../../spec/normal';
import type { ExternalSecretProps } from '../../spec/secrets';
import type { KubernetesObject } from '../object';

const DEFAULT_REFRESH_SECONDS = 3600;

/**
 * The ExternalSecret for one Secret. What the CRD would fill in is written out, since Argo CD would otherwise take it for a
 * difference: defaults inside a list are in no last-applied state.
 */
export function externalSecret(
  {
    name,
    namespace,
    store,
    keys,
    type,
    refreshIntervalSeconds = DEFAULT_REFRESH_SECONDS,
  }: ExternalSecretProps,
  cluster: ClusterSpec,
): KubernetesObject {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: {
      name,
      namespace: namespace ?? cluster.defaults.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'slipway' },
    },
    spec: {
      refreshInterval: duration(refreshIntervalSeconds),
      secretStoreRef: { kind: store.kind ?? 'ClusterSecretStore', name: store.name },
      target: {
        name,
        creationPolicy: 'Owner',
        // A Secret that pods use outlives a value that is gone from the store for a moment.
        deletionPolicy: 'Retain',
        ...(type === undefined ? {} : { template: { type, engineVersion: 'v2', mergePolicy: 'Replace' } }),
      },
      data: Object.entries(keys)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([secretKey, remote]) => ({
          secretKey,
          remoteRef: {
            ...remote,
            conversionStrategy: 'Default',
            decodingStrategy: 'None',
            metadataPolicy: 'None',
          },
        })),
    },
  };
}

/** As Go writes durations: `1h0m0s`. */
function duration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}
