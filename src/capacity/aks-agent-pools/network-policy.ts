import type { NetworkPolicy, NetworkPolicyPort } from 'kubernetes-types/networking/v1';
import type { Construct } from 'constructs';
import { addObject } from '../../workload/object';
import { metadataOf, SELECTOR, type Target } from './names';

const HTTPS_PORT = 443;
/** Link-local addresses, where every node answers for its own identity (IMDS), and Azure's wire server. */
const NODE_ENDPOINTS = ['169.254.0.0/16', '168.63.129.16/32'];

/** Where a node answers its pods' DNS by itself: AKS LocalDNS, and Kubernetes' NodeLocal DNSCache. */
const NODE_RESOLVERS = ['169.254.10.11', '169.254.20.10'];

/**
 * Nothing comes in. Out go names, and HTTPS to wherever the API server, Entra ID and Resource Manager are: a
 * NetworkPolicy knows no host names, and a private cluster's API server has a private address. The node's own identity
 * cannot be reached.
 */
export function addNetworkPolicy(scope: Construct, target: Target): void {
  addObject(scope, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(target),
    spec: {
      podSelector: { matchLabels: { ...SELECTOR } },
      policyTypes: ['Egress', 'Ingress'],
      egress: [
        {
          to: [
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } },
            ...NODE_RESOLVERS.map((address) => ({ ipBlock: { cidr: `${address}/32` } })),
          ],
          ports: [
            { port: 53, protocol: 'TCP' },
            { port: 53, protocol: 'UDP' },
          ],
        },
        { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: NODE_ENDPOINTS } }], ports: outwardPorts(target) },
      ],
    },
  } satisfies NetworkPolicy);
}

function outwardPorts({ cluster: { egress } }: Target): NetworkPolicyPort[] {
  const proxies = [egress.httpsProxy, egress.httpProxy].flatMap((proxy) =>
    proxy ? [portOf(new URL(proxy))] : [],
  );
  return [...new Set([HTTPS_PORT, ...proxies])].map((port) => ({ port, protocol: 'TCP' }));
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? HTTPS_PORT : 80;
}
