import { basics } from './scenarios/basics';
import { failures, jobFailure } from './scenarios/failures';
import { nodeLoss } from './scenarios/node-loss';
import { operations } from './scenarios/operations';
import type { Scenario } from './scenarios/scenario';

/** Applied, operated on, put right. */
export const operated = applied(operations, jobFailure);
/** The same, and things go wrong. */
export const operatedAndFailing = applied(operations, jobFailure, failures);
/** The same, and a node is lost. */
export const everything = applied(nodeLoss, operations, jobFailure, failures);

type Play = (scenario: Scenario) => Promise<void>;

/** All that is rendered is applied, then `acts` one after the other. */
function applied(...acts: readonly Play[]): Play {
  return async (scenario) => {
    if (!(await basics(scenario))) return;
    for (const act of acts) await act(scenario);
    await nodesWereLeftAlone(scenario);
  };
}

async function nodesWereLeftAlone({ runner, servingNodes }: Scenario): Promise<void> {
  if (servingNodes.names.length === 0) return;
  await runner.check(
    'all along no node that serves was replaced or disrupted but by what was done to it on purpose',
    () => servingNodes.areLeftAlone(),
  );
}
