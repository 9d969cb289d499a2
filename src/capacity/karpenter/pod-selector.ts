import { child } from '../../spec/fields';
import type { Problem } from '../../spec/problem';
import { podPropsOf } from '../../workload/pod-props';
import type { CapacityRequest } from '../contract';
import { nodeLabels } from './node-labels';

/** Domains whose labels Kubernetes, Karpenter and its providers know: Karpenter makes a node that has what a pod selects. */
const KNOWN_DOMAIN =
  /(?:^|\.)(?:kubernetes\.io|karpenter\.sh|k8s\.aws|k8s\.gcp|azure\.com|google\.com|gke\.io)$/;

/** What pods select nodes by and no node of their NodePool will carry: they would stay pending, and say so to nobody. */
export function checkPodSelector(request: CapacityRequest): Problem[] {
  const { workspace, cluster } = request.decision;
  const carried = nodeLabels(request);
  return Object.entries(podPropsOf({ workspace, cluster }).nodeSelector ?? {}).flatMap(([key, value]) => {
    const [domain = ''] = key.split('/');
    if ((key.includes('/') && KNOWN_DOMAIN.test(domain)) || carried[key] === value) return [];
    const isOwn = workspace.pod.nodeSelector?.[key] !== undefined;
    return {
      severity: 'error',
      code: 'selector-without-nodes',
      ...(isOwn
        ? workspace.at(child('pod.nodeSelector', key))
        : cluster.at(child('defaults.pod.nodeSelector', key))),
      message: `pods of ${workspace.namespace}/${workspace.name} select nodes with ${key}=${value}, and the nodes that Karpenter makes for them do not carry it`,
      next: `write it to resource.labelSelector.matchLabels: it is then put on the nodes, too`,
    };
  });
}
