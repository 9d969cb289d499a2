import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { Construct } from 'constructs';
import { LABELS } from '../../decision';
import { withSuffix } from '../../names';
import { addHostsPolicy } from '../../network-policy/cilium';
import { egressRules } from '../../network-policy/egress';
import { sharedHosts } from '../../network-policy/needed-hosts';
import { addObject } from '../../object';
import type { SharedRequest } from './request';

/**
 * Make the NetworkPolicy of all pods that have to do with one shared claim: nobody calls them; and where the cluster names
 * what its pods may reach, they reach that and where the weights are fetched from.
 */
export function addSharedPolicy(
  scope: Construct,
  labels: Readonly<Record<string, string>>,
  request: SharedRequest,
): void {
  const { claimName, cluster, workspace } = request;
  const { namespace } = workspace;
  const destinations = cluster.defaults.network?.destinations;
  const egress = destinations === undefined ? null : egressRules(cluster, sharedHosts(request), destinations);
  const selector = { [LABELS.weights]: claimName };
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: claimName, namespace, labels },
    spec: {
      podSelector: { matchLabels: selector },
      policyTypes: egress === null ? ['Ingress'] : ['Ingress', 'Egress'],
      ...(egress !== null && { egress: [...egress.rules] }),
    },
  } satisfies NetworkPolicy;
  addObject(scope, policy);
  if (egress === null || cluster.networkPolicy !== 'cilium') return;
  addHostsPolicy(scope, { name: withSuffix(claimName, 'hosts'), namespace, labels }, selector, egress.hosts);
}
