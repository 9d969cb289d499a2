import { Command } from 'commander';
import { EXIT_INVALID, EXIT_OK } from '../fleet/exit-code';
import { GitError, publishBranches, pushBranches } from '../gitops/publish';

interface PublishOptions {
  readonly tree: string;
  readonly push?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `slipway publish`: the committed tree, on a branch for each cluster. */
export function publishCommand(): Command {
  return new Command('publish')
    .description(
      'put the committed tree on a branch for each cluster, environments/<cluster> (repository layout "branches")',
    )
    .option('-t, --tree <folder>', 'the rendered tree, relative to the top of the repository', 'gitops')
    .option('--push <remote>', 'push the branches to this remote')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--json', 'print JSON: an array of {cluster, branch, commit, isChanged}')
    .addHelpText(
      'after',
      '\nTo undo: git update-ref refs/heads/environments/<cluster> <commit before>.\nExit codes: 0 done, 2 Git refused, or there is nothing to publish.',
    )
    .action((options: PublishOptions) => {
      process.exitCode = publish(options);
    });
}

function publish(options: PublishOptions): number {
  try {
    const isDryRun = options.dryRun === true;
    const published = publishBranches(process.cwd(), options.tree, { isDryRun });
    if (options.push !== undefined && !isDryRun) pushBranches(process.cwd(), options.push, published);
    if (options.json === true) process.stdout.write(`${JSON.stringify(published, null, 2)}\n`);
    else {
      for (const { branch, commit, isChanged } of published) {
        process.stdout.write(`${branch}  ${commit.slice(0, 12)}  ${isChanged ? 'changed' : 'unchanged'}\n`);
      }
    }
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    process.stderr.write(`error  ${error.message}\n`);
    return EXIT_INVALID;
  }
}
