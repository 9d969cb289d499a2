import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, type Document } from 'yaml';
import { SIMULATE } from '../control-plane/kwok';
import { KWOK_NODE_CLASS } from '../surroundings/node-classes';
import { TREE_FOLDER } from './rendered-tree';

const PROVISIONER = 'slipway-provisioner';
/** In place of minutes: what is judged is what Flux does, not how long it rests. */
const RETRY_INTERVAL = '5s';

/**
 * Copy the rendered tree of a project into a Git repository of a bench. Four things differ from what is rendered, and nothing else:
 * NodePools and NodeClaims refer to the bench's node class (group, kind, name), Argo CD reads this repository (`repoURL`,
 * `sourceRepos`), Flux tries again sooner (`retryInterval`), and the provisioner's pods have an annotation by which kwok leaves their program to the bench. Where examples are judged,
 * `consolidateAtOnce` changes one more.
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
    Job: (document) => {
      if (document.getIn(['metadata', 'labels', 'app.kubernetes.io/name']) !== PROVISIONER) return;
      document.setIn(['spec', 'template', 'metadata', 'annotations', SIMULATE], 'program');
    },
    Kustomization: (document) => {
      if (document.hasIn(['spec', 'retryInterval']))
        document.setIn(['spec', 'retryInterval'], RETRY_INTERVAL);
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
