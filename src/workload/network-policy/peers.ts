import type {
  NetworkPolicyEgressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from 'kubernetes-types/networking/v1';
import type { CallerProps, DestinationProps } from '../../spec/network';

/** Label that Kubernetes itself puts on every namespace. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';
/**
 * Link-local addresses: every node answers there for its own identity (the clouds' metadata services), and Azure's wire
 * server. No model needs them.
 */
const NODE_ENDPOINTS = ['169.254.0.0/16', '168.63.129.16/32'];
/** Node-local DNS caches: Kubernetes' own (GKE too), and AKS LocalDNS. They are no pods with addresses of their own. */
const NODE_DNS = ['169.254.20.10/32', '169.254.10.10/31'];
const DNS_PORTS: NetworkPolicyPort[] = [
  { port: 53, protocol: 'TCP' },
  { port: 53, protocol: 'UDP' },
];

/** `caller` in the words of a NetworkPolicy. */
export function peerOf({ namespace, namespaceLabels, podLabels, cidr }: CallerProps): NetworkPolicyPeer {
  if (cidr !== undefined) return { ipBlock: { cidr } };
  const namespaces = namespace === undefined ? namespaceLabels : { [NAMESPACE_NAME]: namespace };
  return {
    ...(namespaces !== undefined && { namespaceSelector: { matchLabels: { ...namespaces } } }),
    ...(podLabels !== undefined && { podSelector: { matchLabels: { ...podLabels } } }),
  };
}

/** Names are looked up in `kube-system`, or at the node's own cache. */
export function dnsRule(): NetworkPolicyEgressRule {
  return {
    to: [
      peerOf({ namespace: 'kube-system' }),
      ...NODE_DNS.map((cidr): NetworkPolicyPeer => ({ ipBlock: { cidr } })),
    ],
    ports: DNS_PORTS,
  };
}

/** A destination that has no name. */
export function destinationRule(destination: DestinationProps): NetworkPolicyEgressRule {
  const { port } = destination;
  return { to: [peerOf(destination)], ...(port !== undefined && { ports: [{ port, protocol: 'TCP' }] }) };
}

/** Every address but the node's own, on these ports: all that a NetworkPolicy can say of hosts. */
export function anywhereRule(ports: readonly number[]): NetworkPolicyEgressRule {
  return {
    to: [{ ipBlock: { cidr: '0.0.0.0/0', except: NODE_ENDPOINTS } }],
    ports: ports.map((port) => ({ port, protocol: 'TCP' })),
  };
}
