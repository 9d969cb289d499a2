import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, type Document } from 'yaml';
import { KWOK_NODE_CLASS } from '../surroundings/node-classes';
import { TREE_FOLDER } from './rendered-tree';

/**
 * Copy the rendered tree of a project into a Git repository of a bench. Two things differ from what is rendered, and nothing else:
 * NodePools and NodeClaims refer to the bench's node class (group, kind, name), and Argo CD reads this repository (`repoURL`,
 * `sourceRepos`).
 */
export function copyForBench(source: string, repository: string, repositoryUrl: string): void {
  const target = join(repository, TREE_FOLDER);
  cpSync(join(source, TREE_FOLDER), target, { recursive: true });
  const edits: Readonly<Record<string, (document: Document) => void>> = {
    NodePool: (document) => {
      for (const [field, value] of Object.entries(KWOK_NODE_CLASS)) {
        document.setIn(['spec', 'template', 'spec', 'nodeClassRef', field], value);
      }
    },
    // A node of its own, as gpu-provisioner takes it.
    NodeClaim: (document) => {
      for (const [field, value] of Object.entries(KWOK_NODE_CLASS)) {
        document.setIn(['spec', 'nodeClassRef', field], value);
      }
    },
    Application: (document) => {
      document.setIn(['spec', 'source', 'repoURL'], repositoryUrl);
    },
    AppProject: (document) => {
      document.setIn(['spec', 'sourceRepos'], [repositoryUrl]);
    },
  };
  for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.yaml')) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, 'utf8');
    const edit = edits[/^kind: (\w+)$/m.exec(text)?.[1] ?? ''];
    if (edit === undefined) continue;
    const document = parseDocument(text);
    edit(document);
    writeFileSync(file, document.toString());
  }
}
