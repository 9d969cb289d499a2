// Spot machines first, on-demand ones where there are none; two machine types, each of which holds the model on its own.
import { Workspace, type Cluster } from 'slipway';

export function spot(cluster: Cluster): void {
  new Workspace(cluster, 'drafts', {
    namespace: 'batch',
    resource: {
      instanceType: ['Standard_NC24ads_A100_v4', 'Standard_NC40ads_H100_v5'],
      capacityType: 'spot-then-on-demand',
    },
    inference: { preset: { name: 'phi-4' }, replicas: 2 },
    // A spot node that is taken away is replaced elsewhere; a drain takes one replica at a time.
    spread: 'node',
    disruptionBudget: { maxUnavailable: 1 },
  });
}
