import type { AksAgentPoolsProvisioning } from '../cluster';
import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { checkDnsLabel } from './names';

/** Azure's ids of subscriptions, tenants and clients. */
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Azure's rules for the names of resource groups and managed clusters (Microsoft's naming rules, 2026). */
const RESOURCE_GROUP = /^[-\w.()]{0,89}[-\w()]$/;
const CLUSTER_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/;
const SUBNET_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i;
/** Azure refuses these characters in the name of a tag. */
const TAG_NAME = /^[^<>%&\\?/]{1,512}$/;

/** Tag of a pool that names its Workspace. */
export const WORKSPACE_TAG = 'slipway-workspace';
/** Tags that Slipway writes itself; the provisioner knows its pools by them. */
const OWN_TAGS = ['managed-by', 'slipway-owner', 'slipway-zones', WORKSPACE_TAG];

/** Rules of AKS agent pools: what Azure would refuse when the Job runs is refused at synth. */
export function checkAgentPools(
  provisioning: Loose<AksAgentPoolsProvisioning>,
  at: (path: string) => string,
  report: Report,
): void {
  for (const id of ['subscriptionId', 'clientId', 'tenantId'] as const) {
    const value = provisioning[id];
    if (value === undefined || GUID.test(value)) continue;
    report.error('invalid-value', at(id), `${shown(value)} is not an id of Azure`, {
      allowed: 'a GUID such as 00000000-0000-0000-0000-000000000000',
    });
  }
  const { resourceGroup, clusterName, pools } = provisioning;
  if (resourceGroup !== undefined && !RESOURCE_GROUP.test(resourceGroup)) {
    report.error('invalid-value', at('resourceGroup'), `${shown(resourceGroup)} is not a resource group`, {
      allowed: 'up to 90 letters, digits, "-", "_", "." and parentheses, not ending with "."',
    });
  }
  if (clusterName !== undefined && !CLUSTER_NAME.test(clusterName)) {
    report.error(
      'invalid-value',
      at('clusterName'),
      `${shown(clusterName)} is not the name of an AKS cluster`,
      {
        allowed: 'up to 63 letters, digits, "-" and "_", a letter or digit at both ends',
      },
    );
  }
  checkDnsLabel(provisioning.namespace, at('namespace'), report);
  const subnetId = pools?.subnetId;
  if (subnetId !== undefined && !SUBNET_ID.test(subnetId)) {
    report.error('invalid-value', at('pools.subnetId'), `${shown(subnetId)} is not the id of a subnet`, {
      allowed:
        '/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Network/virtualNetworks/<network>/subnets/<subnet>',
      next: '"az network vnet subnet show" prints it',
    });
  }
  for (const name of Object.keys(pools?.tags ?? {})) checkTag(name, child(at('pools.tags'), name), report);
}

function checkTag(name: string, field: string, report: Report): void {
  // Azure compares the names of tags without their case.
  if (OWN_TAGS.includes(name.toLowerCase())) {
    report.error('reserved-tag', field, `tag ${shown(name)} is written by Slipway`, {
      next: 'use a name of your own',
      atKey: true,
    });
  } else if (!TAG_NAME.test(name)) {
    report.error('invalid-value', field, `${shown(name)} is not the name of a tag`, {
      allowed: 'up to 512 characters, none of < > % & \\ ? /',
      atKey: true,
    });
  }
}
