import type { ServiceAccount } from 'kubernetes-types/core/v1';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'kubernetes-types/rbac/v1';
import type { Construct } from 'constructs';
import { addObject } from '../../workload/object';
import { clusterLabels, leaseName, metadataOf, NAME, namespaceOf, type Target } from './names';

const RBAC = 'rbac.authorization.k8s.io';

/** The Job's identity, in Azure by workload identity and in Kubernetes by the least that it works with. */
export function addAccess(scope: Construct, target: Target): void {
  const { provisioning } = target;
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: namespaceOf(provisioning) }];
  addObject(scope, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      ...metadataOf(target),
      annotations: {
        'azure.workload.identity/client-id': provisioning.clientId,
        'azure.workload.identity/tenant-id': provisioning.tenantId,
      },
    },
    automountServiceAccountToken: false,
  } satisfies ServiceAccount);
  // It waits until nodes are Ready and offer their GPUs.
  addObject(scope, {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name: NAME, labels: clusterLabels() },
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
  } satisfies ClusterRole);
  addObject(scope, {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: NAME, labels: clusterLabels() },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: NAME },
    subjects,
  } satisfies ClusterRoleBinding);
  addObject(scope, {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata: metadataOf(target),
    rules: [
      // Kubernetes cannot restrict the creation of an object by its name.
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: [leaseName(provisioning)],
        verbs: ['get', 'update'],
      },
      { apiGroups: [''], resources: ['events'], verbs: ['create'] },
    ],
  } satisfies Role);
  addObject(scope, {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: metadataOf(target),
    roleRef: { apiGroup: RBAC, kind: 'Role', name: NAME },
    subjects,
  } satisfies RoleBinding);
}
