import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { moduleCache, toolsFolder } from './cache';
import { runGo } from './go';

/** A file of a program's own module that is kept in the cache beside the program. */
export interface Asset {
  /** Where it is kept. */
  readonly path: () => string;
  /** Folder of the tools module. */
  readonly module: string;
  /** The Go module that holds it. */
  readonly source: string;
  /** YAML files in that module; they are joined into one. */
  readonly files: readonly string[];
}

/** What kwok does with Nodes and Pods. Without the heartbeat every node goes stale after 40 s, its pods NotReady for good. */
export const kwokStages: Asset = {
  path: () => join(moduleCache('kwok'), 'stages.yaml'),
  module: 'kwok',
  source: 'sigs.k8s.io/kwok',
  files: [
    'kustomize/stage/node/fast/node-initialize.yaml',
    'kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
    'kustomize/stage/pod/fast/pod-ready.yaml',
    'kustomize/stage/pod/fast/pod-complete.yaml',
    'kustomize/stage/pod/fast/pod-delete.yaml',
  ],
};

/** The CRD that Karpenter watches although its feature is off. */
export const capacityBufferCrd: Asset = {
  path: () => join(moduleCache('karpenter'), 'capacitybuffers.yaml'),
  module: 'karpenter',
  source: 'sigs.k8s.io/karpenter',
  files: ['pkg/apis/crds/autoscaling.x-k8s.io_capacitybuffers.yaml'],
};

/** Every data file of the bench that comes from a Go module. */
export const assets: readonly Asset[] = [kwokStages, capacityBufferCrd];

/** Put an asset into the cache, whole or not at all. */
export async function addAsset(asset: Asset): Promise<void> {
  const source = await moduleSource(asset);
  const scratch = mkdtempSync(join(dirname(asset.path()), '.building-'));
  try {
    const file = join(scratch, 'asset');
    writeFileSync(file, asset.files.map((name) => readFileSync(join(source, name), 'utf8')).join('\n---\n'));
    renameSync(file, asset.path());
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function moduleSource(asset: Asset): Promise<string> {
  const answer = await runGo(['mod', 'download', '-json', asset.source], join(toolsFolder, asset.module));
  const { Dir: folder } = JSON.parse(answer) as { Dir?: string };
  if (folder === undefined || !existsSync(folder)) {
    throw new Error(`the source of Go module ${asset.source} is not where Go says: ${folder ?? 'no folder'}`);
  }
  return folder;
}
