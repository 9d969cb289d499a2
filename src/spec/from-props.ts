import type { ClusterProps } from './cluster';
import { NO_CONFIGS } from './configs';
import type { ClusterSpec } from './normal';
import type { Problem } from './problem';
import { DEFAULT_NAMESPACE, readCluster } from './read-cluster';
import { readWorkspace, type ReadWorkspace } from './read-workspace';
import { constructLocator, Report } from './report';
import { checkShape } from './shape/check-shape';
import type { Loose } from './shape/loose';
import type { WorkspaceProps } from './workspace';

/**
 * Read a Workspace given in TypeScript, with the checks that YAML gets.
 *
 * @param name the Workspace's name
 * @param constructPath where problems are, such as `fleet/prod/chat`
 * @param defaultNamespace namespace when `props` has none
 */
export function workspaceFromProps(
  name: string,
  props: WorkspaceProps,
  constructPath: string,
  defaultNamespace = DEFAULT_NAMESPACE,
): ReadWorkspace {
  const report = new Report(constructLocator(constructPath));
  const checked = checkShape('WorkspaceProps', props, report) as Loose<WorkspaceProps>;
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
