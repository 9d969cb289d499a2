import type { BudgetProps } from './budget';
import type { ClusterProps } from './cluster';
import { NO_CONFIGS } from './configs';
import type { ClusterSpec } from './normal';
import { hasErrors, type Problem } from './problem';
import { DEFAULT_NAMESPACE, readCluster } from './read-cluster';
import { readWorkspace, type ReadWorkspace } from './read-workspace';
import { constructLocator, Report } from './report';
import { checkBudget } from './rules/budget';
import { checkShape } from './shape/check-shape';
import type { Loose } from './shape/loose';
import type { WorkspaceFields } from './workspace';

/**
 * Read a Workspace given in TypeScript, with the checks that YAML gets.
 *
 * @param name the Workspace's name
 * @param constructPath where problems are, such as `fleet/prod/chat`
 * @param defaultNamespace namespace when `props` has none
 */
export function workspaceFromProps(
  name: string,
  props: WorkspaceFields,
  constructPath: string,
  defaultNamespace = DEFAULT_NAMESPACE,
): ReadWorkspace {
  const report = new Report(constructLocator(constructPath));
  const checked = checkShape('WorkspaceProps', props, report) as Loose<WorkspaceFields>;
  const metadataField = (field: string) => field;
  return readWorkspace(
    { name, props: checked, metadataField, defaultNamespace, configs: NO_CONFIGS },
    report,
  );
}

/**
 * Read a Cluster given in TypeScript, with the checks that YAML gets. There always is one: where a field has an
 * error, its default stands.
 */
export function clusterFromProps(
  name: string,
  props: ClusterProps,
  constructPath: string,
): { readonly spec: ClusterSpec; readonly problems: readonly Problem[] } {
  const report = new Report(constructLocator(constructPath));
  const checked = checkShape('ClusterProps', props, report) as Loose<ClusterProps>;
  return {
    spec: readCluster({ name, nameField: 'name', props: checked, field: (path) => path }, report),
    problems: report.problems,
  };
}

/** Read a budget given in TypeScript, which stands at `budget` of its construct; null where it has errors. */
export function budgetFromProps(
  props: BudgetProps,
  constructPath: string,
): { readonly budget: BudgetProps | null; readonly problems: readonly Problem[] } {
  const report = new Report(constructLocator(constructPath)).renamed((field) =>
    field === '' ? 'budget' : `budget.${field}`,
  );
  const checked = checkShape('Budget', props, report) as Loose<BudgetProps>;
  checkBudget(checked, '', report);
  const { problems } = report;
  // Without an error nothing was taken out: the props are whole.
  return { budget: hasErrors(problems) ? null : (checked as BudgetProps), problems };
}
