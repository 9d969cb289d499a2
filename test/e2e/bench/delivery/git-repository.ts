import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runCommand } from '../process/command';

const LIMIT_SECONDS = 60;

/** A Git repository with one branch, `main`, that Argo CD reads through `file://`. */
export class GitRepository {
  private constructor(readonly folder: string) {}

  /** Make an empty repository in a new folder. */
  static async create(folder: string): Promise<GitRepository> {
    mkdirSync(folder, { recursive: true });
    const repository = new GitRepository(folder);
    await repository.#git('init', '--quiet', '--initial-branch=main');
    await repository.#git('config', 'user.name', 'bench');
    await repository.#git('config', 'user.email', 'bench@example.com');
    return repository;
  }

  /** What an Application's `repoURL` says. */
  get url(): string {
    return pathToFileURL(this.folder).href;
  }

  /** Where a path of the repository is in this machine's file system. */
  path(relative: string): string {
    return join(this.folder, relative);
  }

  /** Commit whatever the work tree holds. Returns the commit. */
  async commit(message: string): Promise<string> {
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--allow-empty', '--message', message);
    return this.head();
  }

  /** Undo the last commit with a new one. Returns the new commit. */
  async revert(): Promise<string> {
    await this.#git('revert', '--no-edit', 'HEAD');
    return this.head();
  }

  async head(): Promise<string> {
    return (await this.#git('rev-parse', 'HEAD')).trim();
  }

  async #git(...args: readonly string[]): Promise<string> {
    // The user's own settings (signing, hooks, templates) have no place here.
    const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
    const { stdout } = await runCommand('git', args, { cwd: this.folder, env, limitSeconds: LIMIT_SECONDS });
    return stdout;
  }
}
