import type { Report } from '../report';
import { validatorOf } from '../shape/schemas';
import { violationOf } from '../shape/violation';
import type { Loose } from '../shape/loose';
import type { PodProps } from '../workspace';

/** Fields of a pod template, held against Kubernetes' own: what the API server would refuse when the tree is applied. */
export function checkPodSpec(spec: object, field: string, report: Report): void {
  checkAgainstSchema(spec, (path) => below(field, path), report);
}

/** The parts of pods that a user adds, likewise. */
export function checkPodAdditions(pod: Loose<PodProps>, field: string, report: Report): void {
  const { affinity, tolerations, topologySpreadConstraints, hostAliases, dnsConfig } = pod;
  const { initContainers, volumes, sidecars, env, volumeMounts } = pod;
  // As pods have them: variables and mounts belong to containers.
  const everywhere =
    env === undefined && volumeMounts === undefined ? [] : [{ name: 'all', env, volumeMounts }];
  const spec = {
    affinity,
    tolerations,
    topologySpreadConstraints,
    hostAliases,
    dnsConfig,
    volumes,
    initContainers,
    containers: [...(sidecars ?? []), ...everywhere],
  };
  const given = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 1 && spec.containers.length === 0) return;
  const ofAll = `containers[${sidecars?.length ?? 0}].`;
  const written = (path: string) =>
    path.startsWith(ofAll) ? path.slice(ofAll.length) : path.replace(/^containers/, 'sidecars');
  checkAgainstSchema(given, (path) => below(field, written(path)), report);
}

function below(field: string, path: string): string {
  if (path === '') return field;
  return path.startsWith('[') ? `${field}${path}` : `${field}.${path}`;
}

function checkAgainstSchema(value: object, fieldOf: (path: string) => string, report: Report): void {
  const validate = validatorOf('PodSpec');
  if (validate(value)) return;
  for (const error of validate.errors ?? []) {
    const violation = violationOf(error, value);
    if (violation === undefined) continue;
    const { code, field, message, ...advice } = violation;
    const path = fieldOf(field);
    // What the schema of Workspaces has said of it is not said again.
    if (report.isBroken(path)) continue;
    report.error(code, path, message, advice);
    if (code !== 'unknown-field') report.markBroken(path);
  }
}
