// Nodes that are there already: their GPUs are stated, cut into MIG slices, and a model runs on one slice.
import { Cluster, Workspace, type Fleet } from 'slipway';

export function ownNodes(fleet: Fleet): void {
  const cluster = new Cluster(fleet, 'lab', {
    nodeProvisioning: {
      kind: 'ownNodes',
      gpu: { product: 'NVIDIA-A100-SXM4-80GB', count: 8, memoryGiB: 80, migProfiles: ['3g.40gb'] },
      cpu: 96,
      memoryGiB: 900,
    },
    gitOps: 'flux',
    budget: { namespaces: { default: { migSlices: { '3g.40gb': 4 } } } },
  });
  new Workspace(cluster, 'notes', {
    resource: { partition: { mode: 'mig', profile: '3g.40gb' } },
    inference: { preset: { name: 'phi-4-mini-instruct' }, contextLength: 32768, replicas: 2 },
  });
}
