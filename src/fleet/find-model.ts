import type { Catalog } from '../catalog/catalog';
import type { Model } from '../catalog/model';
import type { ClusterSpec, PresetSpec, WorkspaceSpec } from '../spec/normal';
import type { Mention } from '../spec/mentions';
import { offeredBefore } from '../spec/nearest';
import type { Problem } from '../spec/problem';
import { weightsOf } from '../workload';

/** A model that the Workspace may serve, or the problems that keep it from doing so. */
export interface FoundModel {
  readonly model: Model | null;
  readonly problems: readonly Problem[];
}

/** Look the preset of `workspace` up, and hold it against what the cluster allows. */
export function findModel(workspace: WorkspaceSpec, cluster: ClusterSpec, catalog: Catalog): FoundModel {
  const part = workspace.inference === null ? 'tuning' : 'inference';
  const preset = workspace[part]?.preset;
  if (preset === null || preset === undefined) return { model: null, problems: [] };
  const field = `${part}.preset.name`;
  const model = lookUpModel({ name: preset.name, ...workspace.at(field) }, catalog);
  if ('severity' in model) return { model: null, problems: [model] };
  const problems = [
    ...checkRuntime(workspace, model),
    ...checkLicense(workspace, cluster, model, field),
    ...checkAccess(workspace, cluster, model, preset, part),
  ];
  return { model, problems };
}

/** The servable model of that name, or the problem with it. */
export function lookUpModel({ name, field, position }: Mention, catalog: Catalog): Model | Problem {
  const model = catalog.model(name);
  if (model?.status === 'current') return model;
  if (model !== undefined) {
    return {
      severity: 'error',
      code: 'retired-model',
      position,
      field,
      message: `${model.name} can no longer be served: ${model.reason}`,
      ...(model.replacement === null ? {} : { next: `use ${model.replacement}` }),
    };
  }
  const nearest = catalog.nearestModels(name);
  return {
    severity: 'error',
    code: 'unknown-model',
    position,
    field,
    message: `the catalogue has no model ${JSON.stringify(name)}`,
    next: offeredBefore(
      nearest,
      '"slipway catalog models" lists the catalogue, "slipway catalog add" makes a preset of any other model',
    ),
  };
}

function checkRuntime(workspace: WorkspaceSpec, model: Model): Problem[] {
  const runtime = workspace.inference?.runtime;
  if (runtime === undefined || model.runtimes.includes(runtime)) return [];
  const field = 'inference.runtime';
  return [
    {
      severity: 'error',
      code: 'runtime-not-supported',
      ...workspace.at(field),
      message: `${model.name} does not run on the ${runtime} runtime`,
      allowed: model.runtimes.join(', '),
    },
  ];
}

function checkLicense(
  workspace: WorkspaceSpec,
  cluster: ClusterSpec,
  model: Model,
  field: string,
): Problem[] {
  const allowed = cluster.allowedLicenses;
  if (allowed === null || allowed.some((license) => license.toLowerCase() === model.license.toLowerCase()))
    return [];
  return [
    {
      severity: 'error',
      code: 'license-not-allowed',
      ...workspace.at(field),
      message: `${model.name} has the licence ${model.license}, which cluster ${cluster.name} does not allow`,
      allowed: allowed.join(', '),
      next: 'choose another model, or add the licence to the allowedLicenses of the cluster',
    },
  ];
}

/** True where the weights are downloaded from the hub, by a pod of the Workspace or by the Job that it shares. */
function needsHub(workspace: WorkspaceSpec): boolean {
  const weights = weightsOf({ workspace });
  return weights.from === 'download' || (weights.from === 'sharedPvc' && weights.reference === undefined);
}

function checkAccess(
  workspace: WorkspaceSpec,
  cluster: ClusterSpec,
  model: Model,
  preset: PresetSpec,
  part: string,
): Problem[] {
  if (model.gated !== 'yes') return [];
  if (preset.modelAccessSecret !== null || cluster.defaults.modelAccessSecret !== null) return [];
  if (!needsHub(workspace)) return [];
  const field = `${part}.preset.presetOptions.modelAccessSecret`;
  return [
    {
      severity: 'error',
      code: 'gated-model-without-token',
      ...workspace.at(field),
      message: `${model.huggingFaceId} is gated: its download needs a Hugging Face token, and no Secret is named`,
      next: `name a Secret of namespace ${workspace.namespace} whose key HF_TOKEN holds a token that has been granted access`,
    },
  ];
}
