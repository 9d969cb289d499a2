import type { Construct } from 'constructs';
import type { ClusterSpec } from '../../spec/normal';
import { LABELS } from '../../workload/decision';
import { addObject } from '../../workload/object';
import { hasNoDriver } from './driver';
import { allGpuTolerations } from '../tolerations';

const NAME = 'gpu-operator';
const REPOSITORY = 'https://helm.ngc.nvidia.com/nvidia';
/** Where each engine keeps its own objects. */
export const ENGINE_NAMESPACES = { argocd: 'argocd', flux: 'flux-system' } as const;
/** Before nodes and models. */
const SYNC_WAVE = { 'argocd.argoproj.io/sync-wave': '-30' };
const LEVEL = 'pod-security.kubernetes.io';

/**
 * Make what has the cluster's engine install NVIDIA's GPU Operator, which brings the device plugin, node labels and
 * metrics, from its chart at `version`: the one part of a rendered tree that is not plain objects, since the operator
 * makes its own in the cluster.
 */
export function addGpuOperator(scope: Construct, cluster: ClusterSpec, version: string): void {
  const labels = { ...cluster.defaults.labels, [LABELS.managedBy]: 'slipway' };
  addObject(scope, {
    apiVersion: 'v1',
    kind: 'Namespace',
    // Drivers and device plugins are the node's business: they need the node.
    metadata: { name: NAME, labels: { ...labels, [`${LEVEL}/enforce`]: 'privileged' } },
  });
  if (cluster.gitOps === 'argocd') addApplication(scope, cluster, version, labels);
  else addHelmRelease(scope, cluster, version, labels);
}

/** The images of AKS and EKS bring driver and container toolkit; the operator leaves both alone, unless the pools are made without. */
function valuesOf({ cloud, nodeProvisioning }: ClusterSpec) {
  const enabled = hasNoDriver(nodeProvisioning);
  return {
    driver: { enabled },
    toolkit: { enabled },
    ...(cloud === 'azure' && !enabled && { operator: { runtimeClass: 'nvidia-container-runtime' } }),
    daemonsets: { tolerations: allGpuTolerations(cloud) },
  };
}

function addApplication(
  scope: Construct,
  cluster: ClusterSpec,
  version: string,
  labels: Readonly<Record<string, string>>,
): void {
  addObject(scope, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: `${cluster.name}.${NAME}`,
      namespace: ENGINE_NAMESPACES.argocd,
      labels: { ...labels },
      annotations: SYNC_WAVE,
    },
    spec: {
      project: 'default',
      source: {
        repoURL: REPOSITORY,
        chart: NAME,
        targetRevision: version,
        helm: { releaseName: NAME, valuesObject: valuesOf(cluster) },
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: NAME },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['ServerSideApply=true'],
        retry: { limit: 10, backoff: { duration: '30s', factor: 2, maxDuration: '10m' } },
      },
    },
  });
}

function addHelmRelease(
  scope: Construct,
  cluster: ClusterSpec,
  version: string,
  labels: Readonly<Record<string, string>>,
): void {
  const namespace = ENGINE_NAMESPACES.flux;
  addObject(scope, {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmRepository',
    metadata: { name: 'nvidia', namespace, labels: { ...labels } },
    spec: { url: REPOSITORY, interval: '24h0m0s' },
  });
  addObject(scope, {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: NAME, namespace, labels: { ...labels } },
    spec: {
      interval: '1h0m0s',
      targetNamespace: NAME,
      releaseName: NAME,
      chart: {
        spec: {
          chart: NAME,
          version,
          sourceRef: { kind: 'HelmRepository', name: 'nvidia', namespace },
        },
      },
      install: { crds: 'CreateReplace', remediation: { retries: 3 } },
      upgrade: { crds: 'CreateReplace', remediation: { retries: 3 } },
      values: valuesOf(cluster),
    },
  });
}
