import { soldOut } from '../bench/control-plane/instance-types';
import type { NodeGroup } from '../bench/tree/fleet';
import { everyPodRuns, gpusOf, nodesArePredicted } from '../checks/nodes';
import type { Scenario } from './scenario';

/** While the machine type that comes first cannot be bought, a group without nodes gets those that it names next. */
export async function fallsBack(
  { bench, instanceTypes }: Scenario,
  group: NodeGroup,
  bringUp: () => Promise<void>,
): Promise<void> {
  const [first] = group.machineTypes;
  await bench.karpenter.offer(soldOut(instanceTypes, (name) => name === first));
  try {
    await bringUp();
    await everyPodRuns(bench.cluster, group.workloads);
    await nodesArePredicted(bench.cluster, group, gpusOf(instanceTypes), 1);
  } finally {
    await bench.karpenter.offer(instanceTypes);
  }
}
