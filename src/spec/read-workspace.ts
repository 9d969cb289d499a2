import type { Configs } from './configs';
import { mentionsOf, type Mentions } from './mentions';
import type { WorkspaceSpec } from './normal';
import { normalWorkspace, type NormalInput } from './normal-workspace';
import { hasErrors, type Problem } from './problem';
import { findConfig } from './read-config';
import { placeOf, type Locator, type Report } from './report';
import { checkConfigOf, checkInference } from './rules/inference';
import { checkAnnotations, checkLabels } from './rules/labels';
import { checkDnsLabel, checkWorkspaceName } from './rules/names';
import { ownLabels } from './rules/control-labels';
import { readControls } from './rules/controls';
import { checkNetwork } from './rules/network';
import { checkOperations } from './rules/operations';
import { checkPod } from './rules/pod';
import { checkResource } from './rules/resource';
import { checkRole } from './rules/role';
import { readSelector } from './rules/selector';
import { checkTrainingConfig } from './rules/training-config';
import { checkTuning } from './rules/tuning';
import { reconcile } from './rules/reconcile';
import { readScaledObject } from './rules/scaled-object';
import type { Loose } from './shape/loose';
import type { InferenceConfig, TrainingConfig, WorkspaceFields } from './workspace';

/** A Workspace whose shape was checked, from YAML or TypeScript. */
export interface WorkspaceInput {
  readonly name: string | undefined;
  readonly props: Loose<WorkspaceFields>;
  /** Path of name, namespace, labels and annotations: below `metadata` in YAML. */
  readonly metadataField: (name: string) => string;
  readonly defaultNamespace: string;
  readonly configs: Configs;
}

/** What was read: a Workspace when it has no errors, and all problems. */
export interface ReadWorkspace {
  readonly spec?: WorkspaceSpec;
  /** The catalogue's names in it, when there is no spec. */
  readonly mentions?: Mentions;
  readonly problems: readonly Problem[];
}

/** Apply every rule that needs neither catalogue nor cluster, then bring the Workspace into its normal form. */
export function readWorkspace(input: WorkspaceInput, report: Report): ReadWorkspace {
  const { name, props, metadataField } = input;
  const namespace = props.namespace ?? input.defaultNamespace;
  checkWorkspaceName(name, metadataField('name'), report);
  checkDnsLabel(props.namespace, metadataField('namespace'), report);
  const labels = ownLabels(props.labels, metadataField('labels'), report);
  const annotations = readControls(props.annotations, metadataField('annotations'), report);
  checkLabels(labels, metadataField('labels'), report);
  checkAnnotations(annotations.own, metadataField('annotations'), report);
  const scaling = readScaledObject(props, metadataField('annotations'), report);
  checkPurpose(props, report);
  checkResource(props.resource, report);
  const matchLabels = readSelector(props.resource?.labelSelector, 'resource.labelSelector', report);
  if (props.inference !== undefined) checkInference(props.inference, report);
  checkRole(props, report);
  if (props.tuning !== undefined) checkTuning(props.tuning, props.resource, report);
  checkPod(props.pod, 'pod', report);
  checkNetwork(props.network, 'network', report);
  checkOperations(props, report);
  reconcile(props, annotations, report);
  const configs = readConfigs(input, namespace, report);
  if (hasErrors(report.problems) || name === undefined) {
    const at = (field: string) => placeOf(report.locator, field);
    return { mentions: mentionsOf(props, at), problems: report.problems };
  }
  const normal: NormalInput = {
    name,
    namespace,
    labels,
    annotations,
    scaling,
    matchLabels,
    ...configs,
  };
  // Without an error nothing was taken out: the props are whole.
  return { spec: normalWorkspace(props as WorkspaceFields, normal), problems: report.problems };
}

function checkPurpose(props: Loose<WorkspaceFields>, report: Report): void {
  const { inference, tuning } = props;
  if (inference !== undefined && tuning !== undefined) {
    report.error('contradiction', 'tuning', 'stands beside inference', {
      allowed: 'exactly one of inference and tuning',
      next: 'make two Workspaces of it',
      atKey: true,
    });
  }
  if (
    inference === undefined &&
    tuning === undefined &&
    !report.isBroken('inference') &&
    !report.isBroken('tuning')
  ) {
    report.error('missing-field', '', 'has neither inference nor tuning', {
      allowed: 'exactly one of inference and tuning',
      next: 'add inference.preset.name to serve a model',
    });
  }
}

interface ReadConfigs {
  readonly inferenceConfig: InferenceConfig | null;
  readonly trainingConfig: TrainingConfig | null;
  /** Locator that knows the fields of ConfigMaps, too. */
  readonly locator: Locator;
}

function readConfigs({ props, configs }: WorkspaceInput, namespace: string, report: Report): ReadConfigs {
  const { inference, tuning } = props;
  const find = (purpose: 'inference' | 'tuning', config: string | object | undefined) =>
    config === undefined ? undefined : findConfig(purpose, config, namespace, configs, report);
  const serving = find('inference', inference?.config);
  if (inference !== undefined && serving !== undefined) checkConfigOf(inference, serving, report);
  const training = find('tuning', tuning?.config);
  if (training !== undefined) checkTrainingConfig(training, tuning?.method ?? 'lora');
  const found = [serving, training].filter((config) => config !== undefined);
  for (const config of found) if (config.report !== report) report.take(config.report.problems);
  return {
    inferenceConfig: serving === undefined ? null : (serving.value as InferenceConfig),
    trainingConfig: training === undefined ? null : (training.value as TrainingConfig),
    locator: found.reduce((locator, config) => config.mount(locator), report.locator),
  };
}
