import type { Container } from 'kubernetes-types/core/v1';
import type {
  NetworkPolicy,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from 'kubernetes-types/networking/v1';
import type { Construct } from 'constructs';
import type { CallerProps, NetworkProps } from '../../spec/network';
import type { Problem } from '../../spec/problem';
import { LABELS, type NodeDecision } from '../decision';
import { objectMetadata, selectorLabels } from '../metadata';
import { withSuffix } from '../names';
import { addObject } from '../object';
import { gatewayOf } from '../gateway/parent';
import { podPropsOf } from '../pod-props';
import { SERVER_PORT } from '../probes';
import { roleOf, rolePoolName } from '../role';
import { addHostsPolicy } from './cilium';
import { egressRules, type Egress } from './egress';
import { neededHosts } from './needed-hosts';
import { peerOf } from './peers';

/** Annotation with the hosts that a plain NetworkPolicy cannot name: for whoever reads it. */
const HOSTS_ANNOTATION = 'slipway.dev/egress-hosts';
/** Where the Prometheus operator's own charts put Prometheus. */
const PROMETHEUS_NAMESPACE = 'monitoring';

/** Who may call and what may be reached: each list of the Workspace's own, else the cluster's. */
export function networkOf({ workspace, cluster }: NodeDecision): NetworkProps {
  return { ...cluster.defaults.network, ...workspace.network };
}

/**
 * Make the NetworkPolicy `<workspace>`: callers reach the serving port and ports of the user's sidecars, and nothing else
 * comes in. Unless callers are named they are the pods of the cluster, and everybody when the Service is a load balancer.
 * Where destinations are named, nothing else is reached from inside.
 */
export function addCallersPolicy(
  scope: Construct,
  decision: NodeDecision,
  containers: readonly Container[] = lastingContainers(decision),
): void {
  const { destinations } = networkOf(decision);
  const selector = selectorLabels(decision);
  const { name } = decision.workspace;
  const from = callersOf(decision);
  // Nobody calls a Job.
  const isServer = decision.workspace.tuning === null;
  const egress =
    destinations === undefined ? null : egressRules(decision.cluster, neededHosts(decision), destinations);
  addPolicy(scope, decision, {
    name,
    selector,
    ingress:
      isServer && from?.length !== 0
        ? [{ ...(from !== null && { from }), ports: openPorts(containers) }]
        : [],
    egress,
  });
  if (egress !== null && decision.cluster.networkPolicy === 'cilium') {
    addHostsPolicy(scope, objectMetadata(decision, withSuffix(name, 'hosts')), selector, egress.hosts);
  }
}

/**
 * Make the NetworkPolicy `name`: pods with `peerLabels` reach the pods of `selector` on every port, since Ray, NCCL
 * and the transport of a KV cache choose theirs.
 */
export function addGroupPolicy(
  scope: Construct,
  decision: NodeDecision,
  name: string,
  selector: Readonly<Record<string, string>>,
  peerLabels: Readonly<Record<string, string>> = selector,
): void {
  const peers: NetworkPolicyPeer[] = [{ podSelector: { matchLabels: { ...peerLabels } } }];
  const isClosed = networkOf(decision).destinations !== undefined;
  addPolicy(scope, decision, {
    name,
    selector,
    ingress: [{ from: peers }],
    egress: isClosed ? { rules: [{ to: peers }], hosts: [] } : null,
  });
}

/** Hosts that the user named and that the cluster's policies cannot hold. */
export function checkNetwork(decision: NodeDecision): Problem[] {
  const { cluster, workspace } = decision;
  if (cluster.networkPolicy === 'cilium') return [];
  const hosts = (workspace.network?.destinations ?? []).flatMap(({ host }) => host ?? []);
  if (hosts.length === 0) return [];
  const field = 'network.destinations';
  return [
    {
      severity: 'warning',
      code: 'hosts-not-enforced',
      ...workspace.at(field),
      message: `a NetworkPolicy knows addresses and no names: the ports of ${hosts.join(', ')} are open to every address`,
      next: 'set networkPolicy: cilium in the Cluster where Cilium enforces policies, name addresses as cidr, or give the Cluster a proxy (egress.httpsProxy)',
    },
  ];
}

/** The user's containers that run as long as the pod. */
function lastingContainers(decision: NodeDecision): Container[] {
  const { initContainers = [], sidecars = [] } = podPropsOf(decision);
  return [...sidecars, ...initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always')];
}

/** Null: everybody. */
function callersOf(decision: NodeDecision): NetworkPolicyPeer[] | null {
  const { workspace } = decision;
  const { callers } = networkOf(decision);
  if (callers !== undefined) return [...callers, ...ownCallers(decision)].map(peerOf);
  return workspace.service.type === 'LoadBalancer' ? null : [{ namespaceSelector: {} }];
}

/** Who calls because it was switched on: Gateway, endpoint picker, Prometheus. */
function ownCallers(decision: NodeDecision): CallerProps[] {
  const { name, namespace, operations } = decision.workspace;
  const { route, inferencePool, monitoring } = operations ?? {};
  const role = roleOf(decision);
  const pool = role === undefined ? name : rolePoolName(role);
  const gateway = route === undefined ? undefined : gatewayOf(decision, route);
  return [
    ...(gateway === undefined ? [] : [{ namespace: gateway.namespace ?? namespace }]),
    // The picker reads the metrics of both halves of a model; the pool is an object of one.
    ...(inferencePool === undefined && role === undefined
      ? []
      : [{ podLabels: { [LABELS.endpointPicker]: pool } }]),
    ...(monitoring === undefined ? [] : [{ namespace: monitoring.namespace ?? PROMETHEUS_NAMESPACE }]),
  ];
}

function openPorts(containers: readonly Container[]): NetworkPolicyPort[] {
  const declared = containers.flatMap(({ ports }) => ports ?? []);
  const ports = new Map([[`TCP/${SERVER_PORT}`, { port: SERVER_PORT, protocol: 'TCP' }]]);
  for (const { containerPort, protocol = 'TCP' } of declared) {
    ports.set(`${protocol}/${containerPort}`, { port: containerPort, protocol });
  }
  return [...ports.values()];
}

interface Policy {
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly ingress: readonly NetworkPolicyIngressRule[];
  /** Null: outwards nothing is closed. */
  readonly egress: Egress | null;
}

function addPolicy(
  scope: Construct,
  decision: NodeDecision,
  { name, selector, ingress, egress }: Policy,
): void {
  const hosts = (egress?.hosts ?? []).map(({ host, port }) => `${host}:${port}`).join(' ');
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: objectMetadata(decision, name, hosts === '' ? {} : { [HOSTS_ANNOTATION]: hosts }),
    spec: {
      podSelector: { matchLabels: { ...selector } },
      // A direction that is named here and has no rules is closed. The API server forgets an empty list, so that each
      // apply of one would count as a change.
      policyTypes: egress === null ? ['Ingress'] : ['Ingress', 'Egress'],
      ...(ingress.length > 0 && { ingress: [...ingress] }),
      ...(egress !== null && egress.rules.length > 0 && { egress: [...egress.rules] }),
    },
  } satisfies NetworkPolicy;
  addObject(scope, policy);
}
