import type { Catalog } from '../catalog/catalog';
import type { Mentions } from '../spec/mentions';
import type { ClusterSpec } from '../spec/normal';
import type { Problem } from '../spec/problem';
import { lookUpMachine, searchableMachines } from './find-machines';
import { lookUpModel } from './find-model';
import { describeSmallest } from './place';
import type { Sizer } from './sizer';

/**
 * What the catalogue says to the names in a Workspace that is not rendered because of other errors, so that one run
 * reports everything.
 */
export function checkMentions(
  { model: mention, machines }: Mentions,
  cluster: ClusterSpec,
  catalog: Catalog,
  sizer: Sizer,
): Problem[] {
  const problems: Problem[] = [];
  const model = mention === null ? null : lookUpModel(mention, catalog);
  if (model !== null && 'severity' in model) problems.push(model);
  if (cluster.nodeProvisioning.kind === 'ownNodes') return problems;
  for (const machine of machines) {
    const answer = lookUpMachine(machine, cluster, catalog);
    if ('severity' in answer) problems.push(answer);
    else if ('reason' in answer) {
      const next =
        model === null || 'severity' in model
          ? null
          : describeSmallest(
              sizer.size({ model, machines: searchableMachines(cluster, catalog), runtime: 'vllm' }),
            );
      problems.push({
        severity: 'error',
        code: answer.code,
        position: machine.position,
        field: machine.field,
        message: answer.reason,
        next: next ?? `"slipway catalog machines --cloud ${cluster.cloud}" lists the current ones`,
      });
    }
  }
  return problems;
}
