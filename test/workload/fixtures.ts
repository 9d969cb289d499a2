import { App, Chart } from 'cdk8s';
import type { Deployment } from 'kubernetes-types/apps/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { loadCatalog } from '../../src/catalog/catalog';
import type { MachineType } from '../../src/catalog/machine';
import type { Model } from '../../src/catalog/model';
import type { Placement } from '../../src/sizing/placement';
import type { Cloud } from '../../src/spec/cluster';
import type { ClusterSpec, InferenceSpec, WorkspaceSpec } from '../../src/spec/normal';
import type { Decision } from '../../src/workload/decision';
import type { PodScheduling } from '../../src/workload/scheduling';

const catalog = loadCatalog();

export function model(name = 'phi-3-mini-4k-instruct'): Model {
  const found = catalog.model(name);
  if (found?.status !== 'current') throw new Error(`no current model ${name}`);
  return found;
}

export function machine(name = 'Standard_NC24ads_A100_v4', cloud: Cloud = 'azure'): MachineType {
  const found = catalog.machine(cloud, name);
  if (found === undefined) throw new Error(`no machine type ${name}`);
  return found;
}

export function placement(changes: Partial<Placement> = {}): Placement {
  const type = changes.machine ?? machine();
  const gpus = changes.gpusPerNode ?? type.gpu.count ?? 1;
  return {
    machine: type,
    nodes: 1,
    gpusPerNode: gpus,
    tensorParallel: gpus,
    pipelineParallel: changes.nodes ?? 1,
    dataParallel: 1,
    maxContext: 4096,
    kvTokens: 100_000,
    usableBytes: 80 * 1024 ** 3,
    gpuMemoryUtilization: 0.84,
    ledger: [],
    pricePerHour: null,
    ...changes,
  };
}

export function inference(changes: Partial<InferenceSpec> = {}): InferenceSpec {
  return {
    preset: { name: 'phi-3-mini-4k-instruct', modelAccessSecret: null, imagePullSecrets: [] },
    template: null,
    config: null,
    adapters: [],
    runtime: 'vllm',
    image: null,
    contextLength: null,
    concurrency: 1,
    gpuMemoryUtilization: null,
    replicas: 1,
    multiNodeWorkload: null,
    weights: { from: 'download' },
    performanceMode: 'balanced',
    ...changes,
  };
}

export function workspace(
  changes: Partial<Omit<WorkspaceSpec, 'resource'>> & {
    readonly resource?: Partial<WorkspaceSpec['resource']>;
  } = {},
): WorkspaceSpec {
  return {
    name: 'chat',
    namespace: 'team-a',
    labels: {},
    annotations: {},
    inference: inference(),
    tuning: null,
    service: { type: 'ClusterIP' },
    pod: {},
    at: (field) => ({ position: { construct: `fleet/prod/chat#${field}` }, field }),
    ...changes,
    resource: {
      instanceTypes: [],
      count: null,
      matchLabels: {},
      partition: null,
      capacityType: 'on-demand',
      nodeClassName: null,
      nodeImageFamily: null,
      bypassResourceChecks: false,
      ...changes.resource,
    },
  };
}

export function cluster(changes: Partial<ClusterSpec> = {}): ClusterSpec {
  return {
    name: 'prod',
    cloud: 'azure',
    region: null,
    nodeProvisioning: { kind: 'karpenter' },
    gitOps: 'argocd',
    kubernetesVersion: '1.32',
    clusterDomain: 'cluster.local',
    imageRegistry: null,
    imagePullSecrets: [],
    egress: {},
    secrets: {},
    machineTypes: null,
    allowedLicenses: null,
    at: (field) => ({ position: { construct: `fleet/prod#${field}` }, field }),
    ...changes,
    defaults: {
      namespace: 'default',
      image: { kind: 'slipway' },
      modelAccessSecret: null,
      gpuMemoryUtilization: null,
      multiNodeWorkload: 'StatefulSet',
      labels: {},
      pod: {},
      ...changes.defaults,
    },
  };
}

export function decision(changes: Partial<Decision> = {}): Decision {
  const preferred = changes.placement ?? changes.candidates?.[0] ?? placement();
  return {
    workspace: workspace(),
    cluster: cluster(),
    model: model(),
    placement: preferred,
    candidates: [preferred],
    ...changes,
  };
}

/** Two nodes with four GPUs each. */
export function groupDecision(changes: Partial<Decision> = {}): Decision {
  return decision({
    model: model('llama-3.3-70b-instruct'),
    placement: placement({ machine: machine('Standard_NC96ads_A100_v4'), nodes: 2 }),
    workspace: workspace({
      inference: inference({
        preset: { name: 'llama-3.3-70b-instruct', modelAccessSecret: 'hf', imagePullSecrets: [] },
      }),
    }),
    ...changes,
  });
}

export const SCHEDULING: PodScheduling = {
  nodeSelector: { 'slipway.dev/node-group': 'team-a--chat' },
  tolerations: [{ key: 'sku', operator: 'Equal', value: 'gpu', effect: 'NoSchedule' }],
};

/** A Kubernetes object as tests look into it. */
export interface AnyObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string } & Readonly<
    Record<string, unknown>
  >;
  readonly [key: string]: unknown;
}

/** What `make` adds to an empty chart, as it goes over the wire. */
export function objectsOf(make: (chart: Chart) => void): AnyObject[] {
  const chart = new Chart(new App(), 'test');
  make(chart);
  return chart.toJson() as AnyObject[];
}

/** The one object of `kind`. */
export function only(objects: readonly AnyObject[], kind: string): AnyObject {
  const [found, ...more] = objects.filter((object) => object.kind === kind);
  if (found === undefined || more.length > 0) throw new Error(`not one object of kind ${kind}`);
  return found;
}

/** The pod template's spec of the one Deployment or StatefulSet. */
export function podOf(objects: readonly AnyObject[]): PodSpec {
  const owner = objects.find(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
  const pod = (owner as Partial<Deployment> | undefined)?.spec?.template.spec;
  if (pod === undefined) throw new Error('no pod template');
  return pod;
}

/** The container called `server`. */
export function serverOf(objects: readonly AnyObject[]): Container {
  const found = podOf(objects).containers.find(({ name }) => name === 'server');
  if (found === undefined) throw new Error('no server container');
  return found;
}
