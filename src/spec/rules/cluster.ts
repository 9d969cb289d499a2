import type { ClusterProps, Cloud, EgressProps, NodeProvisioning } from '../cluster';
import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { imageReferenceFault } from '../syntax/image-reference';
import { isDnsSubdomain, DNS_SUBDOMAIN } from '../syntax/kubernetes-names';
import { checkAgentPools } from './agent-pools';
import { checkBudget } from './budget';
import { checkImage } from './data-source';
import { checkLabels } from './labels';
import { checkNetwork } from './network';
import { checkDnsLabel, checkObjectName, checkObjectNames } from './names';
import { checkPod } from './pod';
import { checkSecrets } from './secrets';

type FieldOf = (path: string) => string;

/** Rules of a Cluster that need no catalogue; `field` gives the path of a field of its props. */
export function checkCluster(props: Loose<ClusterProps>, field: FieldOf, report: Report): void {
  const { clusterDomain, imageRegistry, defaults } = props;
  if (clusterDomain !== undefined && !isDnsSubdomain(clusterDomain)) {
    report.error('invalid-name', field('clusterDomain'), `${shown(clusterDomain)} is not a DNS domain`, {
      allowed: DNS_SUBDOMAIN,
    });
  }
  if (imageRegistry !== undefined) {
    const fault = imageReferenceFault(`${imageRegistry.replace(/\/$/, '')}/image`);
    if (fault !== undefined) {
      report.error('invalid-image', field('imageRegistry'), `${shown(imageRegistry)} ${fault}`, {
        allowed: 'a registry and optional path, such as registry.example.com/slipway',
      });
    }
  }
  checkObjectNames(props.imagePullSecrets, field('imagePullSecrets'), report);
  if (props.nodeProvisioning !== undefined) {
    checkProvisioning(props.nodeProvisioning, props.cloud ?? 'azure', field, report);
  }
  checkPruneProtection(props, field, report);
  checkSecrets(props, field, report);
  if (props.egress !== undefined) checkEgress(props.egress, field, report);
  checkObjectName(props.gateway?.name, field('gateway.name'), report);
  checkDnsLabel(props.gateway?.namespace, field('gateway.namespace'), report);
  for (const name of Object.keys(props.priorityClasses ?? {})) {
    checkPriorityClassName(name, child(field('priorityClasses'), name), report);
  }
  checkDevicePlugin(props, field, report);
  checkBudget(props.budget, field('budget'), report);
  if (defaults === undefined) return;
  checkDnsLabel(defaults.namespace, field('defaults.namespace'), report);
  checkObjectName(defaults.modelAccessSecret, field('defaults.modelAccessSecret'), report);
  if (typeof defaults.image === 'object') {
    checkImage(defaults.image.reference, field('defaults.image.reference'), report);
  }
  checkLabels(defaults.labels, field('defaults.labels'), report);
  checkPod(defaults.pod, field('defaults.pod'), report);
  checkNetwork(defaults.network, field('defaults.network'), report);
  const hosts = (defaults.network?.destinations ?? []).flatMap((destination) => destination?.host ?? []);
  if (hosts.length > 0 && props.networkPolicy !== 'cilium') {
    report.warning(
      'hosts-not-enforced',
      field('defaults.network.destinations'),
      `a NetworkPolicy knows addresses and no names: the ports of ${hosts.join(', ')} are open to every address`,
      {
        next: 'set networkPolicy: cilium where Cilium enforces policies, name addresses as cidr, or give a proxy',
      },
    );
  }
}

function checkPruneProtection(
  { gitOps, pruneProtection }: Loose<ClusterProps>,
  field: FieldOf,
  report: Report,
): void {
  if (gitOps !== 'flux' || pruneProtection !== 'confirm') return;
  report.error(
    'contradiction',
    field('pruneProtection'),
    '"confirm" has no effect with Flux, which cannot ask',
    {
      allowed: '"keep" with gitOps: "flux"',
      next: 'leave it out: Flux keeps node pools, claims and namespaces until somebody deletes them',
    },
  );
}

function checkProvisioning(
  provisioning: Loose<NodeProvisioning>,
  cloud: Cloud,
  field: FieldOf,
  report: Report,
): void {
  const at = (path: string) => field(`nodeProvisioning.${path}`);
  const { kind } = provisioning;
  if ((kind === 'gpuProvisioner' || kind === 'aksAgentPools') && cloud !== 'azure') {
    report.error(
      'contradiction',
      at('kind'),
      `${shown(kind)} makes nodes on Azure only, and cloud is ${shown(cloud)}`,
      {
        next: 'use karpenter or ownNodes',
      },
    );
  }
  if (kind === 'karpenter') {
    checkObjectName(provisioning.nodeClass?.name, at('nodeClass.name'), report);
    if (cloud === 'aws' && provisioning.nodeClass === undefined && provisioning.aws === undefined) {
      if (!report.isBroken(field('nodeProvisioning'))) {
        report.error(
          'missing-field',
          at('aws'),
          'is required: an EC2NodeClass needs the IAM role of its nodes',
          {
            next: 'add aws.role, or name an existing node class in nodeClass.name',
          },
        );
      }
    }
    if (cloud !== 'aws' && provisioning.aws !== undefined) {
      report.error('contradiction', at('aws'), `has no effect: cloud is ${shown(cloud)}`, {
        next: 'remove it, or set cloud: aws',
        atKey: true,
      });
    }
  }
  if (kind === 'aksAgentPools') checkAgentPools(provisioning, at, report);
}

function checkPriorityClassName(name: string, field: string, report: Report): void {
  checkObjectName(name, field, report);
  if (!name.startsWith('system-')) return;
  report.error(
    'invalid-name',
    field,
    `${shown(name)} begins with "system-", which Kubernetes keeps for itself`,
    {
      next: 'choose another name',
      atKey: true,
    },
  );
}

function checkDevicePlugin(props: Loose<ClusterProps>, field: FieldOf, report: Report): void {
  const isOperator = props.devicePlugin === 'gpuOperator';
  const version = field('gpuOperatorVersion');
  if (isOperator && props.gpuOperatorVersion === undefined && !report.isBroken(version)) {
    report.error('missing-field', version, 'is required with devicePlugin gpuOperator', {
      next: 'name the version of the chart gpu-operator that you have tested, such as v25.3.4',
    });
  }
  if (!isOperator && props.gpuOperatorVersion !== undefined && !report.isBroken(field('devicePlugin'))) {
    report.error(
      'contradiction',
      version,
      `has no effect: devicePlugin is ${shown(props.devicePlugin ?? 'cluster')}`,
      {
        next: 'remove it, or set devicePlugin: gpuOperator',
        atKey: true,
      },
    );
  }
}

function checkEgress(egress: Loose<EgressProps>, field: FieldOf, report: Report): void {
  for (const proxy of ['httpProxy', 'httpsProxy'] as const) {
    const value = egress[proxy];
    if (value === undefined) continue;
    const path = field(`egress.${proxy}`);
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
      report.error('invalid-url', path, `${shown(value)} is not the address of a proxy`, {
        allowed: 'http:// or https:// with host and port',
      });
    } else if (url.password !== '') {
      report.error('secret-value', path, 'holds a password, which would end up in Git', {
        next: 'use a proxy that needs no password from inside the cluster',
      });
    }
  }
  checkObjectName(egress.caBundle?.configMap, field('egress.caBundle.configMap'), report);
}
