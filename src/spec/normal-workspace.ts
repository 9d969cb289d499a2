import type { AdapterSpec, InferenceSpec, PresetSpec, TuningSpec, WorkspaceSpec } from './normal';
import { operationsIn, type OperationsProps } from './operations';
import { placeOf, type Locator } from './report';
import { strengthOf } from './rules/adapters';
import { readTuningReference } from './syntax/tuning-reference';
import type { Controls, ReadAnnotations } from './rules/controls';
import type { ReadScaling } from './rules/scaled-object';
import { child } from './fields';
import { flagName, limitsOf, namesOf, withFlagNames } from './rules/inference-config';
import type {
  AdapterProps,
  ImageKind,
  ImageProps,
  InferenceConfig,
  InferenceFields,
  PresetProps,
  ResourceProps,
  TrainingConfig,
  TuningProps,
  WorkspaceFields,
} from './workspace';

/** What was read of a Workspace besides its props. */
export interface NormalInput {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: ReadAnnotations;
  /** What the annotations of KAITO's autoscaler ask for. */
  readonly scaling: ReadScaling | null;
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly inferenceConfig: InferenceConfig | null;
  readonly trainingConfig: TrainingConfig | null;
  readonly locator: Locator;
}

/** Fields that KAITO's documents give as annotations. */
const ANNOTATED: readonly [string, keyof Controls][] = [
  ['inference.runtime', 'runtime'],
  ['inference.performanceMode', 'performanceMode'],
  ['inference.weights', 'weights'],
  ['service.type', 'serviceType'],
  ['resource.bypassResourceChecks', 'bypassResourceChecks'],
  ['resource.nodeImageFamily', 'nodeImageFamily'],
  ['resource.nodeClassName', 'nodeClassName'],
];

/** Where the options of vLLM stand. */
const OPTIONS = 'inference.config.vllm';

/** The normal form of valid props: one way to say each thing, every default filled in that depends on nothing else. */
export function normalWorkspace(props: WorkspaceFields, input: NormalInput): WorkspaceSpec {
  const { controls, fields, own } = input.annotations;
  const written = new Map([
    ...ANNOTATED.flatMap(([field, control]) => {
      const annotation = fields.get(control);
      return annotation === undefined ? [] : [[field, annotation] as const];
    }),
    ...Object.keys(input.inferenceConfig?.vllm ?? {}).map(
      (name) => [child(OPTIONS, flagName(name)), child(OPTIONS, name)] as const,
    ),
  ]);
  const { inference, tuning } = props;
  const inDocument = (field: string) => written.get(field) ?? input.scaling?.fields.get(field) ?? field;
  return {
    name: input.name,
    namespace: input.namespace,
    labels: input.labels,
    annotations: own,
    resource: normalResource(props.resource ?? {}, input.matchLabels, controls),
    inference: inference === undefined ? null : normalInference(inference, input, controls),
    tuning: tuning?.preset === undefined ? null : normalTuning(tuning, tuning.preset, input.trainingConfig),
    service: { type: props.service?.type ?? controls.serviceType ?? 'ClusterIP' },
    pod: props.pod ?? {},
    ...(props.network !== undefined && { network: props.network }),
    ...operationsOf(props, input.scaling),
    at: (field) => placeOf(input.locator, inDocument(field)),
  };
}

function operationsOf(
  props: WorkspaceFields,
  scaling: ReadScaling | null,
): Pick<WorkspaceSpec, 'operations'> {
  const operations: OperationsProps = {
    ...operationsIn(props),
    ...(scaling !== null && { autoscaling: scaling.autoscaling }),
    // Without its picker nothing would send a prompt to the other half.
    ...(props.inference?.role?.type === 'decode' && { inferencePool: props.inferencePool ?? {} }),
  };
  return Object.keys(operations).length === 0 ? {} : { operations };
}

/** An image given by its kind alone, or in full. */
export function normalImage(image: ImageKind | ImageProps): ImageProps {
  return typeof image === 'string' ? { kind: image } : image;
}

function normalResource(
  resource: ResourceProps,
  matchLabels: Readonly<Record<string, string>>,
  controls: Controls,
): WorkspaceSpec['resource'] {
  return {
    instanceTypes: [resource.instanceType ?? []].flat(),
    count: resource.count ?? null,
    matchLabels,
    partition: resource.partition ?? null,
    capacityType: resource.capacityType ?? 'on-demand',
    nodeClassName: resource.nodeClassName ?? controls.nodeClassName ?? null,
    nodeImageFamily: resource.nodeImageFamily ?? controls.nodeImageFamily ?? null,
    ...(resource.nodeCountLimit !== undefined && { nodeCountLimit: resource.nodeCountLimit }),
    bypassResourceChecks: resource.bypassResourceChecks ?? controls.bypassResourceChecks ?? false,
  };
}

function normalInference(
  inference: InferenceFields,
  { inferenceConfig, namespace }: NormalInput,
  controls: Controls,
): InferenceSpec {
  const config = inferenceConfig === null ? null : withFlagNames(inferenceConfig);
  const limits = limitsOf(config);
  const servedNames = limits.servedNames ?? namesOf(inference.servedName ?? []);
  return {
    preset: inference.preset === undefined ? null : normalPreset(inference.preset),
    template: inference.template ?? null,
    config,
    adapters: (inference.adapters ?? []).map((adapter) => normalAdapter(adapter, namespace)),
    runtime: inference.runtime ?? controls.runtime ?? 'vllm',
    image: inference.image === undefined ? null : normalImage(inference.image),
    // The config wins, as everywhere.
    ...(servedNames !== null && { servedNames }),
    contextLength: inference.contextLength ?? limits.contextLength,
    concurrency: inference.concurrency ?? 1,
    gpuMemoryUtilization: inference.gpuMemoryUtilization ?? limits.gpuMemoryUtilization,
    replicas: inference.replicas ?? 1,
    ...(inference.rollout?.maxUnavailable !== undefined && {
      maxUnavailable: inference.rollout.maxUnavailable,
    }),
    multiNodeWorkload: inference.multiNodeWorkload ?? null,
    weights: inference.weights ?? controls.weights ?? { from: 'download' },
    ...(inference.role !== undefined && { role: inference.role }),
    performanceMode: inference.performanceMode ?? controls.performanceMode ?? 'balanced',
  };
}

function normalPreset({ name, presetOptions }: PresetProps): PresetSpec {
  return {
    name,
    modelAccessSecret: presetOptions?.modelAccessSecret ?? null,
    imagePullSecrets: presetOptions?.imagePullSecrets ?? [],
  };
}

function normalAdapter({ source, strength, rank }: AdapterProps, namespace: string): AdapterSpec {
  const { tuning, ...rest } = source;
  // Workspaces themselves were replaced by their names before.
  const reference = typeof tuning === 'string' ? readTuningReference(tuning, namespace) : null;
  return {
    name: source.name,
    source: rest,
    ...(reference !== null && { tuning: reference }),
    ...(rank !== undefined && { rank }),
    strength: strengthOf(strength),
  };
}

function normalTuning(tuning: TuningProps, preset: PresetProps, config: TrainingConfig | null): TuningSpec {
  return {
    preset: normalPreset(preset),
    method: tuning.method ?? 'lora',
    config: config?.training_config ?? null,
    weights: tuning.weights ?? { from: 'download' },
    input: tuning.input,
    output: tuning.output,
  };
}
