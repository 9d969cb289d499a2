import type { EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { NodeDecision } from './decision';

/** Where the certificate bundle is mounted in every container. */
const CA_FOLDER = '/etc/slipway/ca';
const CA_KEY = 'ca.crt';
const CA_VOLUME = 'slipway-ca-bundle';

/** What each container needs to reach the outside, and the pod's volume for it. */
export interface Egress {
  readonly env: readonly EnvVar[];
  readonly volumeMounts: readonly VolumeMount[];
  readonly volumes: readonly Volume[];
}

/** The cluster's proxy and certificate authorities. Both spellings are set: curl reads the lower one only, Java the upper. */
export function egressOf({ cluster }: Pick<NodeDecision, 'cluster'>): Egress {
  const { httpProxy, httpsProxy, noProxy, caBundle } = cluster.egress;
  const env: EnvVar[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value === undefined) return;
    env.push({ name: name.toUpperCase(), value }, { name: name.toLowerCase(), value });
  };
  add('http_proxy', httpProxy);
  add('https_proxy', httpsProxy);
  if (httpProxy !== undefined || httpsProxy !== undefined) {
    // Probes and group traffic never leave the cluster.
    add(
      'no_proxy',
      [
        ...new Set(['localhost', '127.0.0.1', '.svc', `.svc.${cluster.clusterDomain}`, ...(noProxy ?? [])]),
      ].join(','),
    );
  }
  if (caBundle === undefined) return { env, volumeMounts: [], volumes: [] };

  const file = `${CA_FOLDER}/${CA_KEY}`;
  env.push(
    ...['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'].map((name): EnvVar => ({
      name,
      value: file,
    })),
  );
  return {
    env,
    volumeMounts: [{ name: CA_VOLUME, mountPath: CA_FOLDER, readOnly: true }],
    volumes: [
      {
        name: CA_VOLUME,
        configMap: { name: caBundle.configMap, items: [{ key: caBundle.key ?? CA_KEY, path: CA_KEY }] },
      },
    ],
  };
}
