import { isIP } from 'node:net';
import type { EnvVar } from 'kubernetes-types/core/v1';
import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import type { PodProps } from '../workspace';
import { checkImage } from './data-source';
import { checkAnnotations, checkLabels } from './labels';
import { checkDnsLabel, checkObjectName, checkObjectNames } from './names';
import { checkPodAdditions } from './pod-shape';
import { isToken } from './preset';

/** Names that Kubernetes takes for environment variables (C identifiers, dots and hyphens; not a digit first). */
const ENV_NAME = /^[-._A-Za-z][-._A-Za-z0-9]*$/;

/** Rules of the pod overlay; `field` is where it stands. */
export function checkPod(pod: Loose<PodProps> | undefined, field: string, report: Report): void {
  if (pod === undefined) return;
  checkPodAdditions(pod, field, report);
  checkLabels(pod.labels, `${field}.labels`, report);
  checkAnnotations(pod.annotations, `${field}.annotations`, report);
  checkLabels(pod.nodeSelector, `${field}.nodeSelector`, report);
  checkObjectNames(pod.imagePullSecrets, `${field}.imagePullSecrets`, report);
  checkObjectName(pod.priorityClassName, `${field}.priorityClassName`, report);
  checkObjectName(pod.runtimeClassName, `${field}.runtimeClassName`, report);
  checkObjectName(pod.serviceAccountName, `${field}.serviceAccountName`, report);
  checkEnv(pod.env, `${field}.env`, report);
  const volumes = checkUniqueNames(pod.volumes, `${field}.volumes`, report);
  checkContainers(pod, field, report);
  checkNameLookup(pod, field, report);
  pod.volumeMounts?.forEach((mount, index) => {
    if (mount?.name === undefined || volumes.has(mount.name) || report.isBroken(`${field}.volumes`)) return;
    report.error(
      'unknown-volume',
      `${child(`${field}.volumeMounts`, index)}.name`,
      `${shown(mount.name)} is no volume of this pod`,
      {
        allowed: volumes.size === 0 ? undefined : [...volumes.keys()].join(', '),
        next: `add it to ${field}.volumes`,
      },
    );
  });
}

function checkContainers(pod: Loose<PodProps>, field: string, report: Report): void {
  for (const list of ['initContainers', 'sidecars'] as const) {
    const containers = checkUniqueNames(pod[list], `${field}.${list}`, report);
    for (const [name, place] of containers) checkDnsLabel(name, place, report);
    pod[list]?.forEach((container, index) => {
      checkImage(container?.image, `${child(`${field}.${list}`, index)}.image`, report);
    });
  }
}

function checkNameLookup(
  { hostAliases, dnsPolicy, dnsConfig }: Loose<PodProps>,
  field: string,
  report: Report,
): void {
  const isAddress = (text: string | undefined) => text === undefined || isIP(text) !== 0;
  hostAliases?.forEach((alias, index) => {
    if (isAddress(alias?.ip)) return;
    report.error(
      'invalid-value',
      `${child(`${field}.hostAliases`, index)}.ip`,
      `${shown(alias?.ip)} is no address`,
      {
        allowed: 'an IPv4 or IPv6 address',
      },
    );
  });
  const servers = dnsConfig?.nameservers;
  servers?.forEach((server, index) => {
    if (isAddress(server)) return;
    report.error(
      'invalid-value',
      child(`${field}.dnsConfig.nameservers`, index),
      `${shown(server)} is no address`,
      { allowed: 'an IPv4 or IPv6 address' },
    );
  });
  if (dnsPolicy !== 'None' || (servers?.length ?? 0) > 0 || report.isBroken(`${field}.dnsConfig`)) return;
  report.error('missing-field', `${field}.dnsConfig.nameservers`, 'is required with dnsPolicy None', {
    next: 'add the addresses of up to three servers, or leave dnsPolicy out',
  });
}

function checkEnv(env: Loose<readonly EnvVar[]> | undefined, field: string, report: Report): void {
  checkUniqueNames(env, field, report);
  env?.forEach((variable, index) => {
    const path = child(field, index);
    const { name, value, valueFrom } = variable ?? {};
    if (name !== undefined && !ENV_NAME.test(name)) {
      report.error(
        'invalid-name',
        `${path}.name`,
        `${shown(name)} is not a name of an environment variable`,
        {
          allowed: 'letters, digits, underscores, hyphens and dots, no digit first',
        },
      );
    }
    if (value !== undefined && valueFrom !== undefined) {
      report.error('contradiction', path, 'has both value and valueFrom', { next: 'keep one of them' });
    }
    if (value !== undefined && value !== '' && (isToken(value) || name === 'HF_TOKEN')) {
      report.error('secret-value', `${path}.value`, 'is a secret, and would end up in Git', {
        next: 'revoke it, put a new one into a Secret, and refer to it with valueFrom.secretKeyRef',
      });
    }
  });
}

/** Names of `items` with the field of each; a name that stands twice is an error. */
function checkUniqueNames(
  items: readonly ({ readonly name?: string | undefined } | undefined)[] | undefined,
  field: string,
  report: Report,
): Map<string, string> {
  const first = new Map<string, string>();
  items?.forEach((item, index) => {
    if (item?.name === undefined) return;
    const path = `${child(field, index)}.name`;
    const other = first.get(item.name);
    if (other === undefined) first.set(item.name, path);
    else {
      report.error('duplicate-name', path, `${shown(item.name)} is the name of ${other} already`, {
        next: 'keep one of them',
      });
    }
  });
  return first;
}
