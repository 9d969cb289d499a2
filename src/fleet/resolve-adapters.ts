import type { Catalog } from '../catalog/catalog';
import type { AdapterSpec, TuningSpec, WorkspaceSpec } from '../spec/normal';
import type { Problem } from '../spec/problem';
import type { WeightsProps } from '../spec/weights';
import { rankOf } from '../workload';

/** Volumes that are gone with the pod that wrote them. */
const SHORT_LIVED = ['emptyDir', 'ephemeral'];

/** The Workspace of that name; null when it has errors, undefined when there is none. */
export type FindWorkspace = (namespace: string, name: string) => WorkspaceSpec | null | undefined;

/** A Workspace whose adapters all say where they are, and what is wrong with those that cannot. */
export interface ResolvedAdapters {
  readonly workspace: WorkspaceSpec;
  readonly problems: readonly Problem[];
}

/** Put in the place of each tuning Workspace's name where its output is, and hold the two models against each other. */
export function resolveAdapters(
  workspace: WorkspaceSpec,
  find: FindWorkspace,
  catalog: Catalog,
): ResolvedAdapters {
  const { inference } = workspace;
  if (inference === null) return { workspace, problems: [] };
  const problems: Problem[] = [];
  const adapters = inference.adapters.map((adapter, index) => {
    const fault = (field: string, code: string, message: string, next: string) => {
      problems.push({ severity: 'error', code, ...workspace.at(field), message, next });
    };
    return resolve(workspace, adapter, `inference.adapters[${index}].source.tuning`, {
      find,
      catalog,
      fault,
    });
  });
  return { workspace: { ...workspace, inference: { ...inference, adapters } }, problems };
}

interface Surroundings {
  readonly find: FindWorkspace;
  readonly catalog: Catalog;
  readonly fault: (field: string, code: string, message: string, next: string) => void;
}

function resolve(
  workspace: WorkspaceSpec,
  adapter: AdapterSpec,
  field: string,
  { find, catalog, fault }: Surroundings,
): AdapterSpec {
  if (adapter.tuning === undefined) return adapter;
  const { namespace, name } = adapter.tuning;
  const maker = find(namespace, name);
  // Its own errors are reported, and say more than anything that follows from them.
  if (maker === null) return adapter;
  const tuning = maker?.tuning;
  if (maker === undefined || tuning === undefined || tuning === null) {
    fault(
      field,
      maker === undefined ? 'unknown-workspace' : 'not-a-tuning-workspace',
      maker === undefined
        ? `the cluster has no Workspace ${name} in namespace ${namespace}`
        : `Workspace ${namespace}/${name} tunes nothing`,
      'name a Workspace with tuning of the same cluster, as <name> or <namespace>/<name>',
    );
    return adapter;
  }
  checkModels(workspace, tuning, field, { catalog, fault });
  const { image, volumeSource, imagePushSecret } = tuning.output;
  if (volumeSource !== undefined) checkVolume(workspace, maker, volumeSource, { field, fault });
  const secrets =
    adapter.source.imagePullSecrets ??
    (imagePushSecret !== undefined && namespace === workspace.namespace ? [imagePushSecret] : []);
  const rank = rankIn(tuning, catalog);
  return {
    ...adapter,
    source: {
      ...adapter.source,
      ...(image !== undefined && { image }),
      ...(image !== undefined && secrets.length > 0 && { imagePullSecrets: secrets }),
      ...(volumeSource !== undefined && { volumeSource }),
    },
    ...(rank !== null && { rank }),
  };
}

function rankIn(tuning: TuningSpec, catalog: Catalog): number | null {
  const model = catalog.model(tuning.preset.name);
  return model?.status === 'current' ? rankOf(model, tuning) : null;
}

/** Hub id and commit that training loads, or that the server does; null where nobody knows. */
interface Weights {
  readonly id: string | null;
  readonly revision: string | null;
}

function checkModels(
  workspace: WorkspaceSpec,
  tuning: TuningSpec,
  field: string,
  { catalog, fault }: Pick<Surroundings, 'catalog' | 'fault'>,
): void {
  const trained = trainedWeights(tuning, catalog);
  const served = servedWeights(workspace, catalog);
  if (trained.id !== null && served.id !== null && trained.id.toLowerCase() !== served.id.toLowerCase()) {
    fault(
      field,
      'adapter-of-another-model',
      `the adapter is trained on ${trained.id}, and ${served.id} is served`,
      'serve the model that was tuned, or tune the one that is served',
    );
    return;
  }
  if (trained.revision === null || served.revision === null || trained.revision === served.revision) return;
  fault(
    field,
    'adapter-of-another-revision',
    `the adapter is trained on revision ${trained.revision} of the model, and ${served.revision} is served`,
    'give both the same revision, or leave it out of both configs',
  );
}

function trainedWeights({ preset, config, weights }: TuningSpec, catalog: Catalog): Weights {
  const model = catalog.model(preset.name);
  const { pretrained_model_name_or_path: path, revision } = config?.ModelConfig ?? {};
  const known = model?.status === 'current' ? model : null;
  return {
    id: typeof path === 'string' ? (path.startsWith('/') ? null : path) : (known?.huggingFaceId ?? null),
    revision: knowsRevision(weights) ? (text(revision) ?? known?.revision ?? null) : null,
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** What somebody else put on a volume or into a registry is known by its model alone. */
function knowsRevision(weights: WeightsProps | undefined): boolean {
  switch (weights?.from) {
    case 'pvc':
    case 'node':
      return false;
    case 'image':
    case 'sharedPvc':
      return weights.reference === undefined;
    default:
      return true;
  }
}

function servedWeights({ inference }: WorkspaceSpec, catalog: Catalog): Weights {
  const model = catalog.model(inference?.preset?.name ?? '');
  const known = model?.status === 'current' ? model : null;
  const revision = inference?.config?.vllm?.['revision'];
  const weights = inference?.weights;
  return {
    id: known?.huggingFaceId ?? null,
    revision: knowsRevision(weights) ? (text(revision) ?? known?.revision ?? null) : null,
  };
}

function checkVolume(
  workspace: WorkspaceSpec,
  maker: WorkspaceSpec,
  volume: object,
  { field, fault }: { readonly field: string; readonly fault: Surroundings['fault'] },
): void {
  const kind = Object.keys(volume)[0] ?? '';
  const from = `${maker.namespace}/${maker.name}`;
  if (SHORT_LIVED.includes(kind)) {
    fault(
      field,
      'adapter-on-short-lived-volume',
      `Workspace ${from} writes its adapter to a volume of kind ${kind}, which is gone with the Job's pod`,
      'give its output a persistentVolumeClaim, or an image',
    );
  } else if (kind === 'persistentVolumeClaim' && maker.namespace !== workspace.namespace) {
    fault(
      field,
      'adapter-in-another-namespace',
      `Workspace ${from} writes its adapter to a PersistentVolumeClaim, which namespace ${workspace.namespace} cannot mount`,
      'move one of the two Workspaces, or push the adapter as an image',
    );
  }
}
