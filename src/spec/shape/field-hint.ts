import { parseField } from '../fields';
import { slipwayFieldsAt, type Shape } from './schemas';

/** Words for a field that do not look like its name. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['resource.nodes', 'did you mean count?'],
  ['resource.nodeCount', 'did you mean count?'],
  ['resource.machine', 'did you mean instanceType?'],
  ['resource.machineType', 'did you mean instanceType?'],
  ['inference.model', 'write preset: {name: ...}'],
  ['tuning.model', 'write preset: {name: ...}'],
]);

/** What to do about a field that the shape does not know, where more can be said than which names are near. */
export function fieldHint(shape: Shape, field: string): string | undefined {
  if (isWrapped(shape, field))
    return 'a Workspace has no spec: move resource, inference and tuning one level up, beside metadata';
  if (field === 'resource.mig' || field === 'spec.template.resource.mig')
    return 'KAITO gave it up: write partition: {mode: mig, profile: ...}';
  const meant = OTHER_WORDS.get(field);
  if (meant !== undefined) return meant;
  if (shape !== 'KaitoWorkspace') return undefined;
  const steps = parseField(field);
  const name = steps.pop();
  if (typeof name !== 'string' || !slipwayFieldsAt(steps).includes(name)) return undefined;
  return 'this is a field of apiVersion slipway.dev/v1alpha1: write that apiVersion to use it';
}

/** True for the `spec` that most kinds of Kubernetes have, and some of KAITO's examples write. */
export function isWrapped(shape: Shape, field: string): boolean {
  return field === 'spec' && (shape === 'KaitoWorkspace' || shape === 'SlipwayWorkspace');
}
