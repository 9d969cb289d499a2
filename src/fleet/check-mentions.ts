import type { Catalog } from '../catalog/catalog';
import type { MachineType } from '../catalog/machine';
import type { Model } from '../catalog/model';
import type { SizingAnswer } from '../sizing/placement';
import { sizeTraining } from '../sizing/training/size-training';
import type { Mentions } from '../spec/mentions';
import type { ClusterSpec } from '../spec/normal';
import type { Problem } from '../spec/problem';
import { trainingRequest } from '../workload';
import { lookUpMachine, searchableMachines } from './find-machines';
import { lookUpModel } from './find-model';
import { describeSmallest } from './place';
import type { Sizer } from './sizer';

/**
 * What the catalogue says to the names in a Workspace that is not rendered because of other errors, so that one run
 * reports everything.
 */
export function checkMentions(
  { model: mention, machines, tuningMethod }: Mentions,
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
          : describeSmallest(answerFor(model, tuningMethod, searchableMachines(cluster, catalog), sizer));
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

/** What sizing says of a model with the defaults of serving, or of fine-tuning. */
function answerFor(
  model: Model,
  tuningMethod: Mentions['tuningMethod'],
  machines: readonly MachineType[],
  sizer: Sizer,
): SizingAnswer {
  if (tuningMethod === null) return sizer.size({ model, machines, runtime: 'vllm' });
  return sizeTraining(
    trainingRequest(model, { method: tuningMethod, config: null, output: {} }, machines, null),
  );
}
