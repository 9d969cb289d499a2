import { basics } from './scenarios/basics';
import { failures, jobFailure } from './scenarios/failures';
import { nodeOperations } from './scenarios/node-operations';
import { operations } from './scenarios/operations';
import type { Scenario } from './scenarios/scenario';

/** Applied, operated on, put right. */
export async function operated(scenario: Scenario): Promise<void> {
  if (!(await basics(scenario))) return;
  await operations(scenario);
  await jobFailure(scenario);
  await nodesWereLeftAlone(scenario);
}

/** The same, and things go wrong. */
export async function operatedAndFailing(scenario: Scenario): Promise<void> {
  if (!(await basics(scenario))) return;
  await operations(scenario);
  await jobFailure(scenario);
  await failures(scenario);
  await nodesWereLeftAlone(scenario);
}

/** The same, and a node is lost. */
export async function everything(scenario: Scenario): Promise<void> {
  if (!(await basics(scenario))) return;
  await nodeOperations(scenario);
  await operations(scenario);
  await jobFailure(scenario);
  await failures(scenario);
  await nodesWereLeftAlone(scenario);
}

async function nodesWereLeftAlone({ runner, servingNodes }: Scenario): Promise<void> {
  if (servingNodes.names.length === 0) return;
  await runner.check(
    'all along no node that serves was replaced or disrupted but by what was done to it on purpose',
    () => servingNodes.areLeftAlone(),
  );
}
