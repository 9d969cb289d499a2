import { didYouMean } from '../nearest';
import { Report } from '../report';
import type { Problem } from '../problem';
import type { Resource } from './resources';

/** What is read of the documents, by kind. */
export interface SortedResources {
  /** Workspaces, InferenceSets and MultiRoleInferences. */
  readonly workspaces: readonly Resource[];
  readonly clusters: readonly Resource[];
  readonly configMaps: readonly Resource[];
  /** About the documents that are none of these. */
  readonly problems: readonly Problem[];
}

type Category = 'workspaces' | 'clusters' | 'configMaps';

const READ: Readonly<Record<string, Category>> = {
  'slipway.dev/v1alpha1 Workspace': 'workspaces',
  'kaito.sh/v1beta1 Workspace': 'workspaces',
  'kaito.sh/v1alpha1 Workspace': 'workspaces',
  'kaito.sh/v1beta1 InferenceSet': 'workspaces',
  'kaito.sh/v1alpha1 InferenceSet': 'workspaces',
  'kaito.sh/v1alpha1 MultiRoleInference': 'workspaces',
  'slipway.dev/v1alpha1 Cluster': 'clusters',
  'v1 ConfigMap': 'configMaps',
};

/** Kinds of KAITO v0.12 that are not read, with what to do instead. */
const OTHER_KAITO_KINDS: Readonly<Record<string, string>> = {
  RAGEngine: 'leave it to the KAITO operator: it serves no model of its own',
  ModelMirror:
    'leave it out: inference.weights: {from: sharedPvc, storageClassName: ...} of a slipway.dev Workspace has a Job download the weights once for all pods',
};

/** Sort the documents by what they are; others are an error or a warning each. */
export function sortByKind(resources: readonly Resource[]): SortedResources {
  const sorted: Record<Category, Resource[]> = { workspaces: [], clusters: [], configMaps: [] };
  const problems: Problem[] = [];
  for (const resource of resources) {
    const category = READ[`${resource.apiVersion} ${resource.kind}`];
    if (category === undefined) problems.push(...passedOver(resource));
    else sorted[category].push(resource);
  }
  return { ...sorted, problems };
}

function passedOver({ apiVersion, kind, locator }: Resource): readonly Problem[] {
  const report = new Report(locator);
  const group = apiVersion.split('/')[0];
  const otherKind = Object.hasOwn(OTHER_KAITO_KINDS, kind) ? OTHER_KAITO_KINDS[kind] : undefined;
  if (group === 'kaito.sh' || group === 'slipway.dev') {
    const known = Object.keys(READ).filter((name) => name.startsWith(`${group}/`));
    if (group === 'kaito.sh' && otherKind !== undefined) {
      report.error('unsupported-kind', 'kind', `${kind} documents are not read`, { next: otherKind });
    } else {
      report.error('unknown-kind', 'kind', `there is no ${apiVersion} ${kind}`, {
        allowed: known.join(', '),
        next: didYouMean(`${apiVersion} ${kind}`, known),
      });
    }
  } else if (apiVersion === 'v1' && kind === 'Secret') {
    report.error('secret-value', 'kind', 'a Secret must not be in Git; its values were not read', {
      next: 'remove it and revoke what it held; make the Secret in the cluster, or with External Secrets or Sealed Secrets',
    });
  } else {
    report.warning(
      'passed-over',
      'kind',
      `${apiVersion} ${kind} is not read here and does not reach the output`,
      {
        next: 'leave it out, or keep it in a folder of its own',
      },
    );
  }
  return report.problems;
}
