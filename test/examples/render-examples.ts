import { exampleFleet } from '../../examples/fleet';
import type { Rendering } from '../../src';

/** The example fleet, as examples/main.ts makes it. */
export function renderExamples(): Rendering {
  return exampleFleet().render();
}
