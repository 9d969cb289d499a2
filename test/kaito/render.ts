import { Cluster, Fleet, InvalidInputError, Workspace, type ClusterProps, type Problem } from '../../src';
import { readDocuments } from '../../src/spec/read-documents';

/** Name of the file that the documents of a test are in. */
export const FILE = 'kaito.yaml';

/** What becomes of documents. */
export interface Outcome {
  readonly problems: readonly Problem[];
  /** Null when they were refused. */
  readonly tree: ReadonlyMap<string, string> | null;
}

/** Render the documents of `text` for one cluster. */
export function render(text: string, props: ClusterProps = {}): Outcome {
  const fleet = new Fleet();
  const cluster = new Cluster(fleet, 'prod', props);
  const { workspaces, rejected, problems } = readDocuments([{ file: FILE, text }]);
  fleet.report(problems);
  cluster.checkRejected(rejected);
  for (const spec of workspaces) new Workspace(cluster, spec.name, spec);
  try {
    const rendering = fleet.render();
    return { problems: rendering.problems, tree: rendering.tree };
  } catch (error) {
    if (error instanceof InvalidInputError) return { problems: error.problems, tree: null };
    throw error;
  }
}
