import type { ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { addObject } from '../object';
import type { HostPort } from './needed-hosts';

/** Cilium's word for the labels of pods and of their namespaces. */
const POD_NAMESPACE = 'k8s:io.kubernetes.pod.namespace';

/**
 * Make the CiliumNetworkPolicy of that metadata, which opens hosts by name beside the plain policy, and lets Cilium see
 * the answers of DNS, from which it learns their addresses.
 */
export function addHostsPolicy(
  scope: Construct,
  metadata: ApiObjectMetadata & { readonly name: string },
  selector: Readonly<Record<string, string>>,
  hosts: readonly HostPort[],
): void {
  const ports = [...new Set(hosts.map(({ port }) => port))].sort((a, b) => a - b);
  addObject(scope, {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata,
    spec: {
      endpointSelector: { matchLabels: { ...selector } },
      egress: [
        {
          toEndpoints: [{ matchLabels: { [POD_NAMESPACE]: 'kube-system', 'k8s-app': 'kube-dns' } }],
          toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }],
        },
        ...ports.map((port) => ({
          toFQDNs: hosts
            .filter((host) => host.port === port)
            .map(({ host }) => (host.includes('*') ? { matchPattern: host } : { matchName: host })),
          toPorts: [{ ports: [{ port: String(port), protocol: 'TCP' }] }],
        })),
      ],
    },
  });
}
