import type { PodSpec } from 'kubernetes-types/core/v1';
import type { Problem } from '../../spec/problem';
import type { NodeDecision } from '../decision';
import { isReservedLabel } from '../metadata';

/** Flux replaces this in every file, and fails on a name that it does not know (kustomize-controller 1.9). */
const SUBSTITUTION = '${';

/**
 * What the user adds to objects and pods, as far as it cannot be written or loosens the pod's security: `violations`
 * of the restricted standard.
 */
export function checkPod(decision: NodeDecision, pod: PodSpec, violations: readonly string[]): Problem[] {
  return [
    ...checkLabels(decision),
    ...checkSubstitution(decision, pod),
    ...violations.map((violation): Problem => ({
      severity: 'warning',
      code: 'pod-security-deviation',
      position: decision.workspace.locate('pod'),
      field: 'pod',
      message: `${violation}, which the restricted Pod Security Standard forbids`,
      next: 'change it, or label the namespace with a looser standard',
    })),
  ];
}

function checkLabels({ workspace, cluster }: NodeDecision): Problem[] {
  const given: readonly (readonly [string, Readonly<Record<string, string>> | undefined])[] = [
    ['metadata.labels', workspace.labels],
    ['pod.labels', workspace.pod.labels],
    ['defaults.labels', cluster.defaults.labels],
    ['defaults.pod.labels', cluster.defaults.pod.labels],
  ];
  return given.flatMap(([field, labels]) =>
    Object.keys(labels ?? {})
      .filter(isReservedLabel)
      .map((key): Problem => ({
        severity: 'warning',
        code: 'reserved-label',
        position: field.startsWith('defaults') ? cluster.locate(field) : workspace.locate(field),
        field: `${field}.${key}`,
        message: `label ${key} is left out: other controllers act on it`,
        next: 'remove it',
      })),
  );
}

function checkSubstitution({ workspace }: NodeDecision, pod: PodSpec): Problem[] {
  const { labels, annotations, inference, tuning } = workspace;
  const config = inference?.config ?? tuning?.config;
  const texts = { pod, labels, annotations, config };
  // The walk that finds the place is for the few that hold it.
  if (!JSON.stringify(texts).includes(SUBSTITUTION)) return [];
  const place = findText(texts, SUBSTITUTION, '');
  if (place === null) return [];
  return [
    {
      severity: 'error',
      code: 'flux-substitution',
      position: workspace.locate('pod'),
      field: place,
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
