import type { OperationsProps } from '../../spec/operations';
import type { Problem } from '../../spec/problem';
import type { Decision, NodeDecision } from '../decision';
import { gatewayOf } from '../gateway/parent';
import { scaleTarget } from '../scale-target';

/** What of `operations` does not go with the placement, with what to do instead. */
export function checkOperations(decision: Decision, operations: OperationsProps): readonly Problem[] {
  return [
    ...checkAutoscaling(decision, operations),
    ...checkSpread(decision, operations),
    ...checkRoute(decision, operations),
  ];
}

/** What of `operations` does not go with the user's own pod template, whose server nobody knows. */
export function checkTemplateOperations(
  decision: NodeDecision,
  operations: OperationsProps,
): readonly Problem[] {
  const { workspace } = decision;
  const needy = [
    ...(['autoscaling', 'monitoring', 'inferencePool'] as const).filter(
      (part) => operations[part] !== undefined,
    ),
    ...(operations.route?.byModelName === true ? ['route.byModelName'] : []),
  ];
  return [
    ...checkRoute(decision, operations),
    ...needy.map((field): Problem => ({
      severity: 'error',
      code: 'needs-preset',
      ...workspace.at(field),
      message: 'needs a preset: what the pod template serves, and which metrics it has, is not known',
      next: 'remove it, and write the objects yourself beside the Workspace',
    })),
  ];
}

/** Nodes of one group belong together, and nodes without a zone cannot be told apart by it. */
function checkSpread({ workspace, cluster, placement }: Decision, { spread }: OperationsProps): Problem[] {
  if (spread === undefined) return [];
  const isZoneless = cluster.cloud === 'azure' && cluster.nodeProvisioning.kind !== 'ownNodes';
  const [message, next] =
    placement.nodes > 1
      ? [
          `the model runs on ${placement.nodes} nodes together, which belong close to each other`,
          'leave spread out',
        ]
      : spread === 'zone' && isZoneless
        ? [
            'nodes are made without a zone on Azure, where most GPU machine types are not sold by zone',
            'use spread: node',
          ]
        : [];
  if (message === undefined || next === undefined) return [];
  return [
    {
      severity: 'error',
      code: 'spread',
      ...workspace.at('spread'),
      message,
      next,
    },
  ];
}

/** A route needs a Gateway. */
function checkRoute(decision: NodeDecision, { route }: OperationsProps): Problem[] {
  if (route === undefined || gatewayOf(decision, route) !== undefined) return [];
  return [
    {
      severity: 'error',
      code: 'missing-field',
      ...decision.workspace.at('route.gateway'),
      message: 'is required: the Cluster names no gateway',
      next: 'name the Gateway here, or for all Workspaces in the Cluster, as gateway: {name, namespace}',
    },
  ];
}

function checkAutoscaling(decision: Decision, { autoscaling }: OperationsProps): Problem[] {
  const { workspace, placement } = decision;
  if (autoscaling === undefined) return [];
  const problems: Problem[] = [];
  const add = (field: string, message: string, next: string) => {
    problems.push({
      severity: 'error',
      code: 'autoscaling',
      ...workspace.at(field),
      message,
      next,
    });
  };
  const min = autoscaling.minReplicas ?? 1;
  if (scaleTarget(decision) === null) {
    add(
      'autoscaling',
      `the model runs on ${placement.nodes} nodes together, in a StatefulSet for each replica, and their number cannot be scaled`,
      'write multiNodeWorkload: LeaderWorkerSet, in inference or in the defaults of the Cluster, where the cluster has its controller, choose a machine type that holds the model alone, or leave autoscaling out',
    );
  }
  if (min > autoscaling.maxReplicas) {
    add(
      'autoscaling.minReplicas',
      `${min} is more than maxReplicas, ${autoscaling.maxReplicas}`,
      'give maxReplicas at least the value of minReplicas',
    );
  }
  if (min === 0 && autoscaling.by === 'hpa') {
    add(
      'autoscaling.minReplicas',
      'a HorizontalPodAutoscaler cannot scale to zero',
      "use by: 'keda', or at least one replica",
    );
  }
  if (min === 0 && autoscaling.wakeQuery === undefined) {
    add(
      'autoscaling.wakeQuery',
      'with minReplicas 0 nothing would start the first replica: a model without a pod reports no metrics',
      'give the PromQL query that counts requests at the Gateway, or keep one replica',
    );
  }
  return problems;
}
