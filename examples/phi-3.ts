// Workspaces of KAITO's early documentation, as they stand, on a machine type that can still be bought.
import { join } from 'node:path';
import { Cluster, Workspace, type Fleet } from 'slipway';

export function phi3(fleet: Fleet): void {
  const cluster = new Cluster(fleet, 'phi-3', { cloud: 'azure', region: 'eastus' });
  Workspace.fromYaml(cluster, join(__dirname, 'phi-3'));
}
