import { readFileSync } from 'node:fs';
import type { ReadResult } from '../spec/read-documents';
import { readDocuments } from '../spec/read-documents';
import { readFiles } from '../spec/read-files';
import { hasErrors, type Problem } from '../spec/problem';
import { Cluster } from './cluster';
import { Fleet } from './fleet';
import { Workspace } from './workspace';

/** Name of the cluster that is assumed when none is given. */
const ASSUMED_NAME = 'aks';
const STANDARD_INPUT = '-';

/** How to read files without a program. */
export interface FilesFleetOptions {
  /** File with the Cluster. @default the Cluster among the files, else AKS with Karpenter */
  readonly clusterFile?: string;
  /** Folder with presets of the user's own. @default none */
  readonly presets?: string;
}

/** A fleet that is ready to be rendered, and what was assumed for it. */
export interface FilesFleet {
  readonly fleet: Fleet;
  /** In words, when no Cluster was given; else null. */
  readonly assumed: string | null;
}

/** The Workspaces of YAML files as a program with one Cluster would have them; rendering the fleet reports their problems. */
export function fleetOfFiles(paths: readonly string[], options: FilesFleetOptions = {}): FilesFleet {
  const fleet = new Fleet(options.presets === undefined ? {} : { presets: options.presets });
  const clusterFile = options.clusterFile === undefined ? null : readFiles([options.clusterFile]);
  const defaultNamespace = clusterFile?.cluster?.defaults.namespace;
  const read = readInput(paths, defaultNamespace === undefined ? {} : { defaultNamespace });
  fleet.report([
    ...(clusterFile?.problems ?? []),
    ...read.problems,
    ...checkCluster(options, clusterFile, read),
  ]);
  // Without knowing the cluster, everything else that could be said would be a guess.
  if (clusterFile !== null && (clusterFile.cluster === null || hasErrors(clusterFile.problems)))
    return { fleet, assumed: null };
  const spec = clusterFile?.cluster ?? read.cluster;
  const cluster = new Cluster(fleet, spec?.name ?? ASSUMED_NAME, spec ?? {});
  cluster.checkRejected(read.rejected);
  for (const workspace of read.workspaces) new Workspace(cluster, workspace.name, workspace);
  return {
    fleet,
    assumed: spec === null ? 'AKS with Karpenter (cloud azure, applied by Argo CD)' : null,
  };
}

function readInput(paths: readonly string[], options: { defaultNamespace?: string }): ReadResult {
  if (!paths.includes(STANDARD_INPUT)) return readFiles(paths, options);
  return readDocuments([{ file: '<stdin>', text: readFileSync(0) }], options);
}

function checkCluster(
  options: FilesFleetOptions,
  clusterFile: ReadResult | null,
  read: ReadResult,
): Problem[] {
  const file = options.clusterFile;
  if (file === undefined || clusterFile === null) return [];
  const position = { file, line: 1, column: 1 };
  if (clusterFile.cluster === null && clusterFile.problems.length === 0) {
    return [
      {
        severity: 'error',
        code: 'no-cluster',
        position,
        field: 'kind',
        message: 'the file given with --cluster holds no Cluster',
        allowed: 'a document with apiVersion slipway.dev/v1alpha1 and kind Cluster',
      },
    ];
  }
  if (clusterFile.cluster === null || read.cluster === null) return [];
  return [
    {
      severity: 'error',
      code: 'two-clusters',
      position: read.cluster.locate('metadata.name'),
      field: 'kind',
      message: `there is a Cluster ${read.cluster.name} here, and another, ${clusterFile.cluster.name}, in ${file}`,
      next: 'leave --cluster out, or remove the Cluster from the Workspace files',
    },
  ];
}
