import type { WorkspaceSpec } from '../spec/normal';
import type { Position, Problem } from '../spec/problem';

/** The Workspaces of all clusters by their names, those with errors included. */
export class WorkspaceNames {
  private readonly claims = new Map<string, WorkspaceSpec>();
  private readonly rejected = new Set<string>();

  /** Take the Workspace's name in its cluster and namespace; the problem when another has it. */
  claim(cluster: string, workspace: WorkspaceSpec): Problem | null {
    const key = keyOf(cluster, workspace.namespace, workspace.name);
    const earlier = this.claims.get(key);
    if (earlier === undefined) {
      this.claims.set(key, workspace);
      return null;
    }
    return {
      severity: 'error',
      code: 'duplicate-workspace',
      ...workspace.at('metadata.name'),
      message: `cluster ${cluster} already has a Workspace ${workspace.name} in namespace ${workspace.namespace}, from ${described(earlier.at('metadata.name').position)}`,
      next: 'rename one of the two, or move it to another namespace',
    };
  }

  /** Record a Workspace that has errors. */
  reject(cluster: string, namespace: string, name: string): void {
    this.rejected.add(keyOf(cluster, namespace, name));
  }

  /** The Workspace of that name; null when it has errors, undefined when there is none (yet). */
  find(cluster: string, namespace: string, name: string): WorkspaceSpec | null | undefined {
    const key = keyOf(cluster, namespace, name);
    return this.claims.get(key) ?? (this.rejected.has(key) ? null : undefined);
  }

  /** All Workspaces of a cluster that have no errors of their own (so far). */
  ofCluster(cluster: string): WorkspaceSpec[] {
    return [...this.claims].flatMap(([key, spec]) => (key.startsWith(`${cluster}/`) ? [spec] : []));
  }
}

function keyOf(cluster: string, namespace: string, name: string): string {
  return `${cluster}/${namespace}/${name}`;
}

function described(position: Position): string {
  return 'construct' in position
    ? position.construct
    : `${position.file}:${position.line}:${position.column}`;
}
