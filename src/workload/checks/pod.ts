import type { PodSpec } from 'kubernetes-types/core/v1';
import { child } from '../../spec/fields';
import type { Problem } from '../../spec/problem';
import { adapterVolume } from '../adapters';
import type { NodeDecision } from '../decision';
import { isKubernetesAtLeast } from '../kubernetes-version';
import { isReservedLabel } from '../metadata';
import type { Violation } from '../pod-security';
import { DATA_VOLUME, RESULTS_VOLUME } from '../tuning/volumes';

/** Flux replaces this in every file, and fails on a name that it does not know (kustomize-controller 1.9). */
const SUBSTITUTION = '${';

/**
 * What the user adds to objects and pods, as far as it cannot be written or loosens the pod's security: `violations`
 * of the restricted standard.
 */
export function checkPod(decision: NodeDecision, pod: PodSpec, violations: readonly Violation[]): Problem[] {
  return [
    ...checkLabels(decision),
    ...checkContainerNames(decision, pod),
    ...checkMounts(decision, pod),
    ...checkStaying(decision, pod),
    ...checkSubstitution(decision, pod),
    ...checkSecurity(decision, violations),
  ];
}

/** One warning for each part of the pod that loosens its security. */
function checkSecurity(decision: NodeDecision, violations: readonly Violation[]): Problem[] {
  const parts = [...new Set(violations.map(({ part }) => part))];
  const of = (part: string) => violations.flatMap((each) => (each.part === part ? [each.what] : []));
  return parts.map((part) => ({
    severity: 'warning',
    code: 'pod-security-deviation',
    ...decision.workspace.at(fieldOfPart(decision, part)),
    message: `${part} ${of(part).join(', ')}, which the restricted Pod Security Standard forbids`,
    next: 'change it: its namespace is labelled with the standard that it passes, which holds for every other pod there',
  }));
}

/** Where the user says what a part of the pod is: volumes with data and adapters have fields of their own. */
function fieldOfPart(decision: NodeDecision, part: string): string {
  const { tuning, inference } = decision.workspace;
  if (tuning !== null && part === `volume ${DATA_VOLUME}`) return 'tuning.input.volumeSource';
  if (tuning !== null && part === `volume ${RESULTS_VOLUME}`) return 'tuning.output.volumeSource';
  const adapter = (inference?.adapters ?? []).findIndex(
    ({ name }) => part === `volume ${adapterVolume(name)}`,
  );
  return adapter < 0 ? fieldOfPod(decision) : `inference.adapters[${adapter}].source.volumeSource`;
}

/** Where the user says what the pod is. */
function fieldOfPod({ workspace }: NodeDecision): string {
  return workspace.inference?.template == null ? 'pod' : 'inference.template.spec';
}

function checkLabels({ workspace, cluster }: NodeDecision): Problem[] {
  const given = [
    [workspace, 'metadata.labels', workspace.labels],
    [workspace, 'pod.labels', workspace.pod.labels],
    [workspace, 'inference.template.metadata.labels', workspace.inference?.template?.metadata?.labels],
    [cluster, 'defaults.labels', cluster.defaults.labels],
    [cluster, 'defaults.pod.labels', cluster.defaults.pod.labels],
  ] as const;
  return given.flatMap(([owner, field, labels]) =>
    Object.keys(labels ?? {})
      .filter(isReservedLabel)
      .map((key): Problem => ({
        severity: 'warning',
        code: 'reserved-label',
        ...owner.at(child(field, key)),
        message: `label ${key} is left out: other controllers act on it`,
        next: 'remove it',
      })),
  );
}

/** A name that two containers of the pod would have. */
function checkContainerNames(decision: NodeDecision, pod: PodSpec): Problem[] {
  const names = [...(pod.initContainers ?? []), ...pod.containers].map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(twice)].map((name) => ({
    severity: 'error',
    code: 'container-name-taken',
    ...decision.workspace.at(fieldOfPod(decision)),
    message: `two containers of the pod are called ${name}`,
    allowed: 'names that no other container, init containers included, has',
    next: 'rename the one that is yours, here or in defaults.pod of the Cluster',
  }));
}

/** Kubernetes minor version from which init containers may stay (SidecarContainers, on by default). */
const SIDECARS_MINOR = 29;

/** Init containers that stay, among them sidecars of a Job: an older kubelet waits for their end, for ever. */
function checkStaying(decision: NodeDecision, { initContainers = [] }: PodSpec): Problem[] {
  const { cluster } = decision;
  const staying = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  if (staying.length === 0 || isKubernetesAtLeast(cluster, SIDECARS_MINOR)) return [];
  return [
    {
      severity: 'error',
      code: 'kubernetes-too-old',
      ...decision.workspace.at(fieldOfPod(decision)),
      message: `${staying.map(({ name }) => name).join(', ')} stays beside the pod's other containers, and Kubernetes ${cluster.kubernetesVersion} would wait for its end`,
      allowed: `1.${SIDECARS_MINOR} or later`,
      next: 'upgrade the cluster, or leave it out',
    },
  ];
}

/** Mounts of volumes that the pod has not. */
function checkMounts(decision: NodeDecision, pod: PodSpec): Problem[] {
  const names = (pod.volumes ?? []).map(({ name }) => name);
  return [...(pod.initContainers ?? []), ...pod.containers].flatMap(({ name, volumeMounts = [] }) =>
    volumeMounts
      .filter((mount) => !names.includes(mount.name))
      .map((mount) => ({
        severity: 'error',
        code: 'unknown-volume',
        ...decision.workspace.at(fieldOfPod(decision)),
        message: `container ${name} mounts ${mount.name}, which is no volume of the pod`,
        ...(names.length > 0 && { allowed: names.join(', ') }),
        next: 'add it to the volumes, or mount another',
      })),
  );
}

function checkSubstitution(decision: NodeDecision, pod: PodSpec): Problem[] {
  const { labels, annotations, inference, tuning } = decision.workspace;
  const texts = {
    [fieldOfPod(decision)]: pod,
    'metadata.labels': labels,
    'metadata.annotations': annotations,
    'inference.config': inference?.config,
    'tuning.config': tuning?.config,
  };
  // The walk that finds the place is for the few that hold it.
  if (!JSON.stringify(texts).includes(SUBSTITUTION)) return [];
  const place = findText(texts, SUBSTITUTION, '');
  if (place === null) return [];
  return [
    {
      severity: 'error',
      code: 'flux-substitution',
      ...decision.workspace.at(place),
      message: `it holds "${SUBSTITUTION}", which Flux replaces when it applies the file`,
      next: "write a shell variable as $NAME, or Kubernetes' own $(NAME)",
    },
  ];
}

/** Path of the first string below `value` that holds `text`, or null. */
function findText(value: unknown, text: string, path: string): string | null {
  if (typeof value === 'string') return value.includes(text) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, below] of Object.entries(value)) {
    const step = Array.isArray(value) ? `[${key}]` : `${path === '' ? '' : '.'}${key}`;
    const found = findText(below, text, `${path}${step}`);
    if (found !== null) return found;
  }
  return null;
}
