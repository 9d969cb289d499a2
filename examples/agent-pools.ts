// An AKS cluster without Karpenter: its GPU nodes are agent pools, which the provisioner Job makes before the models start.
import { Cluster, Workspace, type Fleet } from 'slipway';

export function agentPools(fleet: Fleet): void {
  const cluster = new Cluster(fleet, 'agent-pools', {
    cloud: 'azure',
    region: 'westeurope',
    nodeProvisioning: {
      kind: 'aksAgentPools',
      subscriptionId: '00000000-0000-0000-0000-000000000000',
      resourceGroup: 'ml',
      clusterName: 'agent-pools',
      clientId: '11111111-1111-1111-1111-111111111111',
      tenantId: '22222222-2222-2222-2222-222222222222',
    },
  });
  // The first machine type that Azure has quota and capacity for is taken.
  new Workspace(cluster, 'chat', {
    namespace: 'assistants',
    resource: { instanceType: ['Standard_NC24ads_A100_v4', 'Standard_NC40ads_H100_v5'] },
    inference: { preset: { name: 'phi-4-mini-instruct' }, replicas: 2 },
  });
}
