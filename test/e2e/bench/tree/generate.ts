import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Fleet } from '../../../../src';
import type { GitRepository } from '../delivery/git-repository';
import { copyForBench } from './copy';
import { TREE_FOLDER } from './rendered-tree';

/**
 * Render a fleet and make it the tree of a bench's repository, in place of what was there. Commit it to make it known.
 *
 * @throws InvalidInputError when synthesis refuses the fleet.
 */
export function generateInto(repository: GitRepository, define: (fleet: Fleet) => void): void {
  const fleet = new Fleet({ repository: { url: 'https://git.example.com/ml/fleet.git' } });
  define(fleet);
  const { tree } = fleet.render();
  const scratch = mkdtempSync(join(tmpdir(), 'slipway-tree-'));
  try {
    for (const [path, content] of tree) {
      const file = join(scratch, TREE_FOLDER, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    rmSync(repository.path(TREE_FOLDER), { recursive: true, force: true });
    copyForBench(scratch, repository.folder, repository.url);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
