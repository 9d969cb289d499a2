import type { Job, PodFailurePolicy } from 'kubernetes-types/batch/v1';
import type { Container, PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { Construct } from 'constructs';
import type { Model } from '../../catalog/model';
import type { Problem } from '../../spec/problem';
import type { TuningSpec, WorkspaceSpec } from '../../spec/normal';
import { checkPod } from '../checks/pod';
import { checkVolumes } from '../checks/volumes';
import { checkWeights } from '../checks/weights';
import { addImmutableConfigMap, immutableName } from '../config-map';
import type { Decision } from '../decision';
import { slipwayImage } from '../images/slipway';
import { slipwayReference } from '../images/slipway/reference';
import { sharedMemoryBytes } from '../machine-share';
import { objectMetadata } from '../metadata';
import { modelAccessEnv } from '../model-access';
import { contentHash, withSuffix } from '../names';
import { addCallersPolicy, checkNetwork } from '../network-policy';
import { addObject } from '../object';
import { hasAdditions, podTemplate, withoutAdditions } from '../pod';
import { violationsOf } from '../pod-security';
import { SERVER_PORT, SERVER_PORT_NAME } from '../probes';
import { binaryQuantity } from '../quantity';
import type { PodScheduling } from '../scheduling';
import { scratchOf } from '../scratch';
import { containerSecurityContext } from '../security';
import { resourcesOf } from '../server';
import type { ServerParts } from '../server-parts';
import { TERMINATION_MESSAGES } from '../transfer';
import {
  addWeights,
  isFromHub,
  localModelFolder,
  weightsMount,
  weightsSteps,
  weightsVolume,
} from '../weights';
import { checkConfig } from './check-config';
import { isLocalOnly, trainingConfig } from './config';
import { dataParts } from './data';
import { isSizedTable } from './sizing';

export { rankOf, trainingRequest } from './sizing';

const CONFIG_FOLDER = '/mnt/config';
const CONFIG_FILE = 'training_config.yaml';
const WEIGHTS_FOLDER = '/workspace/weights';
const HUB_FOLDER = `${slipwayImage.user.home}/.cache/huggingface`;
/** New pods after failures that another try may mend. */
const BACKOFF_LIMIT = 3;
/** A Job that has not ended by then never will, and its GPUs cost money: chosen. */
const DEADLINE_SECONDS = 7 * 24 * 60 * 60;
/** Time for a checkpoint when the pod has to go. */
const GRACE_SECONDS = 300;

/** Exit codes of our image that come in the same way every time: 2 configuration, 3 data or source, 4 out of GPU memory. */
const HOPELESS = [2, 3, 4];

/**
 * A pod that had to make room for another is no failure of its own, and what one of `steps` says is hopeless is not tried
 * again. In the user's containers the same codes mean something else.
 */
function failurePolicy(steps: readonly string[]): PodFailurePolicy {
  return {
    rules: [
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ...steps.map((containerName) => ({
        action: 'FailJob',
        onExitCodes: { containerName, operator: 'In', values: HOPELESS },
      })),
    ],
  };
}

/**
 * Make the Job that fine-tunes the model of `decision`. Its name holds a hash of everything it does, since a Job cannot
 * be changed: another config is another Job. It has no time to live: a GitOps engine would start a Job that is gone again.
 */
export function synthesizeTuning(scope: Construct, decision: Decision, scheduling: PodScheduling): void {
  const tuning = tuningOf(decision);
  const { workspace } = decision;
  addImmutableConfigMap(scope, decision, workspace.name, filesOf(decision, tuning));
  const { template, steps } = podOf(decision, scheduling, tuning);
  const spec: NonNullable<Job['spec']> = {
    backoffLimit: BACKOFF_LIMIT,
    activeDeadlineSeconds: DEADLINE_SECONDS,
    podFailurePolicy: failurePolicy(steps),
    template,
  };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: objectMetadata(decision, withSuffix(workspace.name, contentHash(spec))),
    spec,
  } satisfies Job;
  addObject(scope, job);
  addWeights(scope, decision, scheduling);
  addCallersPolicy(scope, decision);
}

/** What keeps `model` from being tuned as `tuning` of `workspace` says, wherever it runs. */
export function checkTunable(workspace: WorkspaceSpec, tuning: TuningSpec, model: Model): readonly Problem[] {
  const field = 'tuning.preset.name';
  if (model.tuning.supported) return checkConfig(workspace, tuning);
  return [
    {
      severity: 'error',
      code: 'model-not-tunable',
      ...workspace.at(field),
      message: `${model.name} cannot be fine-tuned`,
      next: 'choose a model that can: slipway catalog models --tunable',
    },
    ...checkConfig(workspace, tuning),
  ];
}

/** Scheduling has no part in what is checked here. */
const ANYWHERE: PodScheduling = { nodeSelector: {}, tolerations: [] };

/** What of the tuning cannot be honoured. */
export function checkTuning(decision: Decision): readonly Problem[] {
  const { workspace } = decision;
  const tuning = tuningOf(decision);
  const { spec } = podOf(decision, ANYWHERE, tuning).template;
  const own = hasAdditions(decision)
    ? podOf(withoutAdditions(decision), ANYWHERE, tuning).template.spec
    : spec;
  return [
    ...checkNetwork(decision),
    ...checkWeights(decision),
    ...checkLocalFiles(decision, tuning),
    ...checkOtherModel(decision, tuning),
    ...checkWholeModules(workspace, tuning),
    ...(own === undefined ? [] : checkVolumes(decision, own)),
    ...(spec === undefined ? [] : checkPod(decision, spec, violationsOf(spec))),
  ];
}

function checkLocalFiles(decision: Decision, { config }: TuningSpec): Problem[] {
  const { workspace } = decision;
  if (!isFromHub(decision) || config?.ModelConfig === undefined || !isLocalOnly(config.ModelConfig))
    return [];
  const field = 'tuning.config.training_config.ModelConfig.local_files_only';
  return [
    {
      severity: 'warning',
      code: 'ignored-field',
      ...workspace.at(field),
      message: 'is left out: the Job downloads the weights, where KAITO has an init container for it',
      next: 'remove it',
    },
  ];
}

/** A config that names another checkpoint than the one that `tuning.weights` brings. */
function checkOtherModel(decision: Decision, { config }: TuningSpec): Problem[] {
  if (isFromHub(decision)) return [];
  const { workspace } = decision;
  return ['pretrained_model_name_or_path', 'revision'].flatMap((option): Problem[] => {
    if (config?.ModelConfig?.[option] === undefined) return [];
    const field = `tuning.config.training_config.ModelConfig.${option}`;
    return [
      {
        severity: 'error',
        code: 'contradiction',
        ...workspace.at(field),
        message: `names the model, and tuning.weights says where it is`,
        next: 'keep one of them',
      },
    ];
  });
}

/** Modules that are trained whole and whose size is not known here. */
function checkWholeModules(workspace: WorkspaceSpec, { config }: TuningSpec): Problem[] {
  const saved = config?.LoraConfig?.['modules_to_save'];
  const unsized = Array.isArray(saved) ? saved.filter((name) => !isSizedTable(name)) : [];
  if (unsized.length === 0) return [];
  const field = 'tuning.config.training_config.LoraConfig.modules_to_save';
  return [
    {
      severity: 'warning',
      code: 'not-sized',
      ...workspace.at(field),
      message: `the memory of ${unsized.join(', ')}, trained whole, is not counted`,
      next: 'choose a machine type with memory to spare, or tune them with target_modules',
    },
  ];
}

function filesOf(decision: Decision, tuning: TuningSpec): Readonly<Record<string, string>> {
  const folder = localModelFolder(decision, WEIGHTS_FOLDER);
  return { [CONFIG_FILE]: trainingConfig(decision.model, tuning, folder) };
}

function tuningOf({ workspace }: Decision): TuningSpec {
  if (workspace.tuning === null) throw new TypeError(`${workspace.name} tunes nothing`);
  return workspace.tuning;
}

/** The pod of a tuning Job, and the names of its steps, which are all of our image. */
interface TuningPod {
  readonly template: PodTemplateSpec;
  readonly steps: readonly string[];
}

/**
 * Fetch, train, push: one after the other, so that nothing is pushed unless training has ended well, and no step waits
 * for another one for ever. What comes last is the pod's container; what comes before it, init containers.
 */
function podOf(decision: Decision, scheduling: PodScheduling, tuning: TuningSpec): TuningPod {
  const data = dataParts(decision, tuning);
  const { user } = slipwayImage;
  const scratch = scratchOf(user, true);
  const weights = weightsSteps(decision);
  const configMap = immutableName(decision.workspace.name, filesOf(decision, tuning));
  const steps = [data.fetch, trainStep(decision, tuning), data.push].filter((step) => step !== null);
  const parts: ServerParts = {
    user,
    initContainers: [...weights.initContainers, ...steps.slice(0, -1)],
    containers: steps.slice(-1),
    volumes: [
      { name: 'config', configMap: { name: configMap } },
      weightsVolume(decision),
      { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: binaryQuantity(sharedMemoryBytes(decision)) } },
      ...scratch.volumes,
      ...data.volumes,
      ...weights.volumes,
    ],
    imagePullSecrets: [...tuning.preset.imagePullSecrets, ...weights.imagePullSecrets],
  };
  const { metadata, spec } = podTemplate(decision, scheduling, parts);
  const grace = decision.workspace.pod.terminationGracePeriodSeconds ?? GRACE_SECONDS;
  return {
    template: {
      metadata: {
        ...metadata,
        // Consolidation would move the pod and lose what is not in a checkpoint.
        annotations: { ...metadata?.annotations, 'karpenter.sh/do-not-disrupt': 'true' },
      },
      spec: { containers: [], ...spec, restartPolicy: 'Never', terminationGracePeriodSeconds: grace },
    },
    steps: [...parts.initContainers, ...parts.containers].map(({ name }) => name),
  };
}

function trainStep(decision: Decision, tuning: TuningSpec): Container {
  const scratch = scratchOf(slipwayImage.user, true);
  return {
    name: 'tune',
    image: slipwayReference(decision.cluster),
    args: [
      'tune',
      `--config=${CONFIG_FOLDER}/${CONFIG_FILE}`,
      `--processes=${decision.placement.gpusPerNode}`,
    ],
    ports: [{ name: SERVER_PORT_NAME, containerPort: SERVER_PORT }],
    env: [
      ...scratch.env,
      // Where nothing is downloaded, the volume is read-only.
      { name: 'HF_HOME', value: isFromHub(decision) ? WEIGHTS_FOLDER : HUB_FOLDER },
      { name: 'HF_XET_CHUNK_CACHE_SIZE_BYTES', value: '0' },
      { name: 'PYTORCH_CUDA_ALLOC_CONF', value: 'expandable_segments:True' },
      ...modelAccessEnv(decision),
    ],
    resources: resourcesOf(decision),
    securityContext: containerSecurityContext(),
    terminationMessagePolicy: TERMINATION_MESSAGES,
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
      weightsMount(decision, WEIGHTS_FOLDER),
      { name: 'shm', mountPath: '/dev/shm' },
      ...scratch.volumeMounts,
      ...dataParts(decision, tuning).volumeMounts,
    ],
  };
}
