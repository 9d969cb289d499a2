import type { EnvVar } from 'kubernetes-types/core/v1';
import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import type { PodProps } from '../workspace';
import { checkImage } from './data-source';
import { checkAnnotations, checkLabels } from './labels';
import { checkObjectName, checkObjectNames } from './names';
import { isToken } from './preset';

/** Names that Kubernetes takes for environment variables (C identifiers, dots and hyphens; not a digit first). */
const ENV_NAME = /^[-._A-Za-z][-._A-Za-z0-9]*$/;

/** Rules of the pod overlay; `field` is where it stands. */
export function checkPod(pod: Loose<PodProps> | undefined, field: string, report: Report): void {
  if (pod === undefined) return;
  checkLabels(pod.labels, `${field}.labels`, report);
  checkAnnotations(pod.annotations, `${field}.annotations`, report);
  checkLabels(pod.nodeSelector, `${field}.nodeSelector`, report);
  checkObjectNames(pod.imagePullSecrets, `${field}.imagePullSecrets`, report);
  checkObjectName(pod.priorityClassName, `${field}.priorityClassName`, report);
  checkObjectName(pod.runtimeClassName, `${field}.runtimeClassName`, report);
  checkObjectName(pod.serviceAccountName, `${field}.serviceAccountName`, report);
  checkEnv(pod.env, `${field}.env`, report);
  const volumes = checkUniqueNames(pod.volumes, `${field}.volumes`, report);
  const containers = checkUniqueNames(pod.sidecars, `${field}.sidecars`, report);
  for (const name of containers.keys()) checkObjectName(name, containers.get(name) ?? '', report);
  pod.sidecars?.forEach((sidecar, index) => {
    checkImage(sidecar?.image, `${child(`${field}.sidecars`, index)}.image`, report);
  });
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
