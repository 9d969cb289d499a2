import type { Deployment, DeploymentStrategy } from 'kubernetes-types/apps/v1';
import type { PodSpec, Service, ServiceAccount, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { PolicyRule, Role, RoleBinding } from 'kubernetes-types/rbac/v1';
import type { Construct } from 'constructs';
import type { Cloud } from '../../spec/cluster';
import { addObject } from '../object';
import { containerSecurityContext } from '../security';

const RBAC = 'rbac.authorization.k8s.io';
/** The account of distroless images; any but root would do. */
const UID = 65532;
const METRICS_PORT = 9090;

/** A program that gateways ask about each request, by Envoy's external processing protocol over gRPC. */
export interface ExternalProcessor {
  /** Of each of its objects: the name, the namespace and what more there is. */
  readonly metadata: { readonly name: string; readonly namespace: string };
  /** Labels that its pods are selected by. */
  readonly selector: Readonly<Record<string, string>>;
  /** Labels of its pods besides. */
  readonly podLabels: Readonly<Record<string, string>>;
  readonly cloud: Cloud;
  readonly image: string;
  readonly imagePullSecrets: readonly string[];
  readonly args: readonly string[];
  readonly port: number;
  readonly healthPort: number;
  /** What it may do in its own namespace. */
  readonly rules: readonly PolicyRule[];
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly memoryLimit: string;
  readonly terminationGracePeriodSeconds: number;
  /** One alone where it remembers what it has seen. */
  readonly strategy: DeploymentStrategy;
  readonly volume?: { readonly volume: Volume; readonly mount: VolumeMount };
}

/**
 * Make its Deployment, its Service, its account, and the NetworkPolicy that lets gateways and Prometheus in. It has no
 * GPU and no toleration for one: it runs beside other controllers.
 */
export function addExternalProcessor(scope: Construct, processor: ExternalProcessor): void {
  const { metadata, selector, port, volume, imagePullSecrets } = processor;
  addAccount(scope, processor);
  const probe = { grpc: { port: processor.healthPort, service: 'inference-extension' } };
  addObject(scope, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      strategy: processor.strategy,
      selector: { matchLabels: { ...selector } },
      template: {
        metadata: { labels: { ...processor.podLabels, ...selector } },
        spec: {
          serviceAccountName: metadata.name,
          // It watches objects of its namespace.
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: UID,
            runAsGroup: UID,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          terminationGracePeriodSeconds: processor.terminationGracePeriodSeconds,
          ...besideControllers(processor.cloud),
          ...(imagePullSecrets.length > 0 && {
            imagePullSecrets: imagePullSecrets.map((name) => ({ name })),
          }),
          containers: [
            {
              name: 'processor',
              image: processor.image,
              args: [
                ...processor.args,
                `--grpc-port=${port}`,
                `--grpc-health-port=${processor.healthPort}`,
                `--metrics-port=${METRICS_PORT}`,
                // To check a caller of its metrics it would need rights over the whole cluster; the NetworkPolicy stands in.
                '--metrics-endpoint-auth=false',
              ],
              env: [
                { name: 'NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
                { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
              ],
              ports: [
                { name: 'grpc', containerPort: port },
                { name: 'grpc-health', containerPort: processor.healthPort },
                { name: 'metrics', containerPort: METRICS_PORT },
              ],
              resources: { requests: { ...processor.requests }, limits: { memory: processor.memoryLimit } },
              livenessProbe: { ...probe, initialDelaySeconds: 5, periodSeconds: 10 },
              readinessProbe: { ...probe, periodSeconds: 2 },
              securityContext: containerSecurityContext(),
              ...(volume !== undefined && { volumeMounts: [volume.mount] }),
            },
          ],
          ...(volume !== undefined && { volumes: [volume.volume] }),
        },
      },
    },
  } satisfies Deployment);
  addObject(scope, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata },
    spec: {
      type: 'ClusterIP',
      selector: { ...selector },
      ports: [
        { name: 'grpc-ext-proc', port, targetPort: port, protocol: 'TCP', appProtocol: 'kubernetes.io/h2c' },
      ],
    },
  } satisfies Service);
  addObject(scope, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { ...metadata },
    spec: {
      podSelector: { matchLabels: { ...selector } },
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [{ namespaceSelector: {} }],
          ports: [port, METRICS_PORT].map((open) => ({ port: open, protocol: 'TCP' })),
        },
      ],
    },
  } satisfies NetworkPolicy);
}

/**
 * Have Istio speak TLS to it. It makes its certificate itself at each start, so nobody can check it: the guide of the
 * Gateway API Inference Extension for Istio does the same.
 */
export function addDestinationRule(
  scope: Construct,
  metadata: ExternalProcessor['metadata'],
  clusterDomain: string,
): void {
  addObject(scope, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { ...metadata },
    spec: {
      host: serviceHost(metadata, clusterDomain),
      trafficPolicy: { tls: { mode: 'SIMPLE', insecureSkipVerify: true } },
    },
  });
}

/** Full DNS name of its Service. */
export function serviceHost(
  { name, namespace }: ExternalProcessor['metadata'],
  clusterDomain: string,
): string {
  return `${name}.${namespace}.svc.${clusterDomain}`;
}

/** AKS keeps nodes for controllers: a GPU node without a taint would be taken for one, too. */
function besideControllers(cloud: Cloud): Pick<PodSpec, 'affinity'> {
  if (cloud !== 'azure') return {};
  const preference = {
    matchExpressions: [{ key: 'kubernetes.azure.com/mode', operator: 'In', values: ['system'] }],
  };
  return {
    affinity: {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] },
    },
  };
}

function addAccount(scope: Construct, { metadata, rules }: ExternalProcessor): void {
  const { name, namespace } = metadata;
  addObject(scope, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { ...metadata },
    automountServiceAccountToken: false,
  } satisfies ServiceAccount);
  addObject(scope, {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata: { ...metadata },
    rules: [...rules],
  } satisfies Role);
  addObject(scope, {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: { ...metadata },
    roleRef: { apiGroup: RBAC, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  } satisfies RoleBinding);
}
