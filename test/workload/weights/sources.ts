import type { WeightsProps } from '../../../src/spec/weights';
import { synthesizeInference } from '../../../src/workload';
import type { Decision } from '../../../src/workload/decision';
import { decision, inference, objectsOf, SCHEDULING, workspace, type AnyObject } from '../fixtures';

export const DIGEST = `sha256:${'0a'.repeat(32)}`;
export const OWN = `registry.example.com/weights/phi@${DIGEST}`;

/** A decision whose weights come from there. */
export function having(weights: WeightsProps, changes: Partial<Decision> = {}): Decision {
  return decision({ workspace: workspace({ inference: inference({ weights }) }), ...changes });
}

/** What is made to serve it. */
export function render(given: Decision): AnyObject[] {
  return objectsOf((chart) => {
    synthesizeInference(chart, given, SCHEDULING);
  });
}
