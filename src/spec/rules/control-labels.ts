import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { isKaitoKey } from './controls';

type StringMap = Loose<Readonly<Record<string, string>>>;

/** Labels of the Workspace itself that KAITO v0.12 acts on, and what becomes of them here. */
const KNOWN: Readonly<Record<string, string>> = {
  'kaito.sh/inference-role':
    'the Workspace serves alone; a prefill or decode role needs its MultiRoleInference',
  'multiroleinference.kaito.sh/created-by':
    'a MultiRoleInference wrote it; its Workspaces are rendered alone',
  'inferenceset.kaito.sh/created-by': 'an InferenceSet wrote it; its Workspaces are rendered alone',
  'kaito.sh/upgrade-to-version': 'the image is set with inference.image or by the cluster',
  'kaito.sh/upgrade-start-time': "KAITO's upgrade wrote it",
};

/** Labels that mean something to KAITO v0.12. */
export const CONTROL_LABELS: readonly string[] = Object.keys(KNOWN);

/** Labels that KAITO keeps for its own use on nodes; it strips them from a selector, too. */
const RESERVED = new Set([
  'kaito.sh/workspace',
  'kaito.sh/ragengine',
  'kaito.sh/workspacenamespace',
  'kaito.sh/ragenginenamespace',
  'karpenter.kaito.sh/workspace-name',
  'karpenter.kaito.sh/workspace-namespace',
  'karpenter.kaito.sh/inferenceset',
  'karpenter.kaito.sh/inferenceset-namespace',
]);

/** The user's own labels; those in KAITO's domains are dropped, each with a warning. */
export function ownLabels(
  labels: StringMap | undefined,
  field: string,
  report: Report,
): Record<string, string> {
  return withoutKeys(labels, field, report, isKaitoKey, (key) => KNOWN[key] ?? "it is in KAITO's domain");
}

/** The labels of a node selector without those that KAITO strips, each with a warning. */
export function selectableLabels(
  labels: StringMap | undefined,
  field: string,
  report: Report,
): Record<string, string> {
  return withoutKeys(
    labels,
    field,
    report,
    (key) => RESERVED.has(key),
    () => 'KAITO keeps this label for its own nodes and strips it, too',
  );
}

function withoutKeys(
  labels: StringMap | undefined,
  field: string,
  report: Report,
  isDropped: (key: string) => boolean,
  reason: (key: string) => string,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (isDropped(key)) {
      report.warning('ignored-label', child(field, key), `has no effect: ${reason(key)}`, {
        next: 'remove it',
        atKey: true,
      });
    } else if (value !== undefined) kept[key] = value;
  }
  return kept;
}
