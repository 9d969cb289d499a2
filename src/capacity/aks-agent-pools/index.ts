import type { ClusterSpec } from '../../spec/normal';
import { egressOf } from '../../workload/egress';
import { checkAksLabels } from '../aks-labels';
import { checkPartition, warnNodeClass } from '../checks';
import type { Capacity, CapacityRequest } from '../contract';
import { AKS_DISK_LIMIT, checkDisk } from '../disk';
import { gpuTolerations } from '../tolerations';
import { addAccess } from './access';
import { addPoolsConfigMap } from './config-map';
import type { PoolsDocument } from './document';
import { addJob } from './job';
import { namespaceOf, type Target } from './names';
import { addNetworkPolicy } from './network-policy';
import { nodeLabels, poolOf } from './pool';

/**
 * AKS agent pools: a document with a pool for each Workspace, and the Job that makes them, `slipway provision apply`.
 * For AKS clusters without Karpenter.
 */
export const aksAgentPools: Capacity = {
  check: (request) => [
    ...checkPartition(request),
    ...checkAksLabels(request, 'an agent pool'),
    ...checkDisk(request, { ...AKS_DISK_LIMIT, whose: 'nodes of an AKS agent pool' }),
    ...warnNodeClass(request, 'agent pools have none'),
  ],
  scheduling: (request) => ({
    nodeSelector: nodeLabels(request),
    tolerations: gpuTolerations(request.decision),
  }),
  // A Workspace's pool is a line of the cluster's document.
  synthesize: () => undefined,
  synthesizeCluster(scope, cluster, requests) {
    const [first] = requests;
    if (first === undefined) return;
    const target = targetOf(cluster);
    const configMap = addPoolsConfigMap(scope, target, documentOf(target, requests));
    addAccess(scope, target);
    addNetworkPolicy(scope, target);
    addJob(scope, target, configMap, requests.length, egressOf(first.decision));
  },
};

function targetOf(cluster: ClusterSpec): Target {
  const { nodeProvisioning: provisioning } = cluster;
  if (provisioning.kind !== 'aksAgentPools') throw new Error(`${cluster.name} has ${provisioning.kind}`);
  return { cluster, provisioning };
}

function documentOf({ cluster, provisioning }: Target, requests: readonly CapacityRequest[]): PoolsDocument {
  const { subscriptionId, resourceGroup, clusterName, azureCloud } = provisioning;
  const groups = new Map<string, string>();
  const pools = requests.map((request) => {
    const pool = poolOf(request);
    const other = groups.get(pool.name);
    if (other !== undefined) {
      throw new Error(
        `node groups ${other} and ${request.nodeGroup} would share the agent pool ${pool.name}: rename one of the Workspaces`,
      );
    }
    groups.set(pool.name, request.nodeGroup);
    return pool;
  });
  return {
    schemaVersion: 1,
    cluster: { subscriptionId, resourceGroup, name: clusterName, ...(azureCloud && { cloud: azureCloud }) },
    owner: `${namespaceOf(provisioning)}/${cluster.name}`,
    pools,
  };
}
