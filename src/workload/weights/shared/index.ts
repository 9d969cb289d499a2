import type { Construct } from 'constructs';
import type { Problem } from '../../../spec/problem';
import { isReservedLabel } from '../../metadata';
import { LABELS } from '../../decision';
import { addObject } from '../../object';
import { sharedClaim } from './claim';
import { sharedJob } from './job';
import { addSharedPolicy } from './policy';
import type { SharedRequest } from './request';

export { sharedRequest, type SharedRequest } from './request';

/** Make the claim that `requests`, of one namespace, share, and the Job that fills it. Their order does not matter. */
export function synthesizeShared(scope: Construct, requests: readonly SharedRequest[]): void {
  const sorted = requests.toSorted((a, b) => (a.workspace.name < b.workspace.name ? -1 : 1));
  const [first] = sorted;
  if (first === undefined) return;
  const { claimName, cluster, workspace, weights } = first;
  const { namespace } = workspace;
  const own = Object.entries(cluster.defaults.labels).filter(([key]) => !isReservedLabel(key));
  const labels = {
    ...Object.fromEntries(own),
    [LABELS.weights]: claimName,
    [LABELS.managedBy]: 'slipway',
  };
  addObject(scope, sharedClaim({ name: claimName, namespace, labels }, weights, sorted));
  addObject(scope, sharedJob(labels, first, sorted));
  addSharedPolicy(scope, labels, first);
}

/** Where Workspaces that share a claim say different things about it. */
export function checkShared(requests: readonly SharedRequest[]): Problem[] {
  const [first, ...others] = requests;
  if (first === undefined) return [];
  return others
    .filter(({ tokenSecret }) => tokenSecret !== first.tokenSecret)
    .map(({ workspace, tokenSecret }): Problem => {
      const field = `${workspace.inference === null ? 'tuning' : 'inference'}.preset.presetOptions.modelAccessSecret`;
      return {
        severity: 'error',
        code: 'shared-weights-differ',
        ...workspace.at(field),
        message: `the weights are downloaded once for Workspaces ${first.workspace.name} and ${workspace.name}, and they name different Secrets: ${named(first.tokenSecret)} and ${named(tokenSecret)}`,
        next: 'name the same Secret in both, or once in the defaults of the cluster',
      };
    });
}

function named(secret: string | null): string {
  return secret ?? 'none';
}
