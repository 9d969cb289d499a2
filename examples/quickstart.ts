// A model that answers: one Workspace on one cluster.
import { Cluster, Workspace, type Fleet } from 'slipway';

export function quickstart(fleet: Fleet): void {
  const cluster = new Cluster(fleet, 'quickstart', { cloud: 'azure', region: 'eastus' });
  new Workspace(cluster, 'phi-4-mini', {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: 'phi-4-mini-instruct' } },
  });
}
