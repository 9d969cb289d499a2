import { execFileSync } from 'node:child_process';
import { BRANCH_PREFIX } from './repository';

/** What publishing did to the branch of one cluster. */
export interface PublishedBranch {
  readonly cluster: string;
  readonly branch: string;
  /** Commit that the branch points at now, or would. */
  readonly commit: string;
  readonly isChanged: boolean;
}

/** Thrown when Git cannot do what is asked, with its own words. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

/**
 * Put the folder of each cluster, as committed in `HEAD`, on the cluster's branch `environments/<cluster>`: a commit whose root
 * is that folder, on top of what the branch had. The working tree and the checked-out branch are not touched. A cluster whose
 * folder is what its branch holds already gets no commit.
 *
 * @param repository a folder in the Git repository
 * @param tree the rendered tree, relative to the top of the repository
 * @throws GitError
 */
export function publishBranches(
  repository: string,
  tree: string,
  options: { readonly isDryRun?: boolean } = {},
): PublishedBranch[] {
  const git = (...args: readonly string[]) => runGit(repository, args);
  const head = git('rev-parse', '--verify', 'HEAD');
  const subject = git('log', '-1', '--format=%s', head);
  return clusters(git, head, tree).map(({ cluster, object }) => {
    const branch = `${BRANCH_PREFIX}${cluster}`;
    const ref = `refs/heads/${branch}`;
    const parent = git('for-each-ref', '--format=%(objectname)', ref);
    if (parent !== '' && git('rev-parse', `${parent}^{tree}`) === object) {
      return { cluster, branch, commit: parent, isChanged: false };
    }
    const message = `${subject}\n\nRendered-from: ${head}`;
    const commit = git('commit-tree', object, ...(parent === '' ? [] : ['-p', parent]), '-m', message);
    // The old value guards against somebody who publishes at the same time.
    if (options.isDryRun !== true)
      git('update-ref', ref, commit, parent === '' ? '0'.repeat(head.length) : parent);
    return { cluster, branch, commit, isChanged: true };
  });
}

/** Push the branches of `published` to `remote`. @throws GitError when the remote refuses one, for instance as not fast-forward. */
export function pushBranches(
  repository: string,
  remote: string,
  published: readonly PublishedBranch[],
): void {
  if (published.length === 0) return;
  runGit(repository, [
    'push',
    '--atomic',
    remote,
    ...published.map(({ branch }) => `refs/heads/${branch}:refs/heads/${branch}`),
  ]);
}

function clusters(git: (...args: readonly string[]) => string, head: string, tree: string) {
  const listing = git('ls-tree', head, `${tree.replace(/\/+$/, '')}/`);
  const folders = listing.split('\n').flatMap((line) => {
    const match = /^\d+ tree ([0-9a-f]+)\t(.+)$/.exec(line);
    const [, object, path] = match ?? [];
    return object === undefined || path === undefined
      ? []
      : [{ object, cluster: path.slice(path.lastIndexOf('/') + 1) }];
  });
  if (folders.length === 0) {
    throw new GitError(
      `HEAD holds no folder of a cluster in ${tree}: run "npx cdk8s synth" and commit what it writes`,
    );
  }
  return folders;
}

function runGit(folder: string, args: readonly string[]): string {
  try {
    return execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    throw new GitError(`git ${args[0] ?? ''}: ${(stderr ?? String(error)).trim()}`);
  }
}
