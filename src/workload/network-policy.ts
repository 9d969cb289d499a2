import type { Container } from 'kubernetes-types/core/v1';
import type { NetworkPolicy, NetworkPolicyIngressRule } from 'kubernetes-types/networking/v1';
import type { Construct } from 'constructs';
import type { NodeDecision } from './decision';
import { objectMetadata, selectorLabels } from './metadata';
import { addObject } from './object';
import { podPropsOf } from './pod-props';
import { SERVER_PORT } from './probes';

/**
 * Make the NetworkPolicy `<workspace>`: the serving port, and ports of the user's sidecars, from every pod of the
 * cluster (from everywhere when the Service is a load balancer); nothing else comes in.
 */
export function addCallersPolicy(
  scope: Construct,
  decision: NodeDecision,
  containers: readonly Container[] = podPropsOf(decision).sidecars ?? [],
): void {
  const declared = containers.flatMap(({ ports }) => ports ?? []);
  const ports = new Map([[`TCP/${SERVER_PORT}`, { port: SERVER_PORT, protocol: 'TCP' }]]);
  for (const { containerPort, protocol = 'TCP' } of declared) {
    ports.set(`${protocol}/${containerPort}`, { port: containerPort, protocol });
  }
  const isPublic = decision.workspace.service.type === 'LoadBalancer';
  addPolicy(scope, decision, decision.workspace.name, selectorLabels(decision), {
    ...(!isPublic && { from: [{ namespaceSelector: {} }] }),
    ports: [...ports.values()],
  });
}

/** Make the NetworkPolicy `name`: the pods of a group reach each other on every port, since Ray and NCCL choose theirs. */
export function addGroupPolicy(
  scope: Construct,
  decision: NodeDecision,
  name: string,
  selector: Readonly<Record<string, string>>,
): void {
  addPolicy(scope, decision, name, selector, { from: [{ podSelector: { matchLabels: { ...selector } } }] });
}

function addPolicy(
  scope: Construct,
  decision: NodeDecision,
  name: string,
  selector: Readonly<Record<string, string>>,
  ingress: NetworkPolicyIngressRule,
): void {
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: objectMetadata(decision, name),
    spec: { podSelector: { matchLabels: { ...selector } }, policyTypes: ['Ingress'], ingress: [ingress] },
  } satisfies NetworkPolicy;
  addObject(scope, policy);
}
