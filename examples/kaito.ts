// KAITO's three kinds as they stand in a repository of KAITO's users: replicas of one model, one model whose prompts and
// answers have GPUs of their own, and one over two nodes in a LeaderWorkerSet. The device plugin comes with the fleet.
import { join } from 'node:path';
import { Cluster, Workspace, type Fleet } from 'slipway';

export function kaito(fleet: Fleet): void {
  const cluster = new Cluster(fleet, 'kaito', {
    cloud: 'azure',
    region: 'swedencentral',
    gitOps: 'flux',
    devicePlugin: 'slipway',
    // What KAITO's documents have no fields for.
    defaults: { namespace: 'models', multiNodeWorkload: 'LeaderWorkerSet' },
  });
  Workspace.fromYaml(cluster, join(__dirname, 'kaito'));
}
