import type { ClusterProps } from './cluster';
import type { ClusterSpec } from './normal';
import { normalImage } from './normal-workspace';
import { placeOf, type Report } from './report';
import { checkCluster } from './rules/cluster';
import { checkDnsLabel } from './rules/names';
import type { Loose } from './shape/loose';

/** A Cluster whose shape was checked, from YAML or TypeScript. */
export interface ClusterInput {
  readonly name: string;
  /** Path of the name: `metadata.name` in YAML. */
  readonly nameField: string;
  readonly props: Loose<ClusterProps>;
  /** Path of a field: below `spec` in YAML. */
  readonly field: (path: string) => string;
}

/** Namespace of Workspaces where neither they nor their cluster name one. */
export const DEFAULT_NAMESPACE = 'default';

/** Apply every rule and fill in all defaults. A field with an error has its default. */
export function readCluster(input: ClusterInput, report: Report): ClusterSpec {
  const { name, field } = input;
  checkDnsLabel(name, input.nameField, report);
  checkCluster(input.props, field, report);
  const given = readable(input, report);
  const { defaults = {} } = given;
  return {
    name,
    cloud: given.cloud ?? 'azure',
    region: given.region ?? null,
    nodeProvisioning: given.nodeProvisioning ?? { kind: 'karpenter' },
    gitOps: given.gitOps ?? 'argocd',
    ...(given.pruneProtection !== undefined && { pruneProtection: given.pruneProtection }),
    kubernetesVersion: given.kubernetesVersion ?? '1.32',
    clusterDomain: given.clusterDomain ?? 'cluster.local',
    imageRegistry: given.imageRegistry ?? null,
    imagePullSecrets: given.imagePullSecrets ?? [],
    egress: given.egress ?? {},
    ...(given.gateway !== undefined && { gateway: given.gateway }),
    secrets: given.secrets ?? {},
    ...(given.networkPolicy !== undefined && { networkPolicy: given.networkPolicy }),
    ...(given.devicePlugin !== undefined && { devicePlugin: given.devicePlugin }),
    ...(given.gpuOperatorVersion !== undefined && { gpuOperatorVersion: given.gpuOperatorVersion }),
    machineTypes: given.machineTypes ?? null,
    allowedLicenses: given.allowedLicenses ?? null,
    ...(given.priorityClasses !== undefined && { priorityClasses: given.priorityClasses }),
    ...(given.budget !== undefined && { budget: given.budget }),
    defaults: {
      namespace: defaults.namespace ?? DEFAULT_NAMESPACE,
      image: normalImage(defaults.image ?? 'slipway'),
      modelAccessSecret: defaults.modelAccessSecret ?? null,
      gpuMemoryUtilization: defaults.gpuMemoryUtilization ?? null,
      multiNodeWorkload: defaults.multiNodeWorkload ?? 'StatefulSet',
      labels: defaults.labels ?? {},
      pod: defaults.pod ?? {},
      ...(defaults.network !== undefined && { network: defaults.network }),
    },
    at: (path) => placeOf(report.locator, field(path)),
  };
}

/** The props without the fields that hold something unreadable; the rest has its declared type. */
function readable({ props, field }: ClusterInput, report: Report): ClusterProps {
  return Object.fromEntries(Object.entries(props).filter(([key]) => !report.isBroken(field(key))));
}
