import { realpathSync } from 'node:fs';
import { readDocuments, type ReadResult, type Source } from '../spec/read-documents';
import { readSource, readSources, readStandardInput, STDIN_NAME } from '../spec/read-files';
import { hasErrors, type Problem } from '../spec/problem';
import { Cluster } from './cluster';
import { Fleet } from './fleet';
import { Workspace } from './workspace';

/** Name of the cluster that is assumed when none is given. */
const ASSUMED_NAME = 'aks';
const STANDARD_INPUT = '-';

/** How to read files without a program. */
export interface FilesFleetOptions {
  /** File with the Cluster; `-` is standard input. @default the Cluster among the files, else AKS with Karpenter */
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
  const input = readInput(paths);
  const clusterFile =
    options.clusterFile === STANDARD_INPUT && paths.includes(STANDARD_INPUT)
      ? null
      : readClusterFile(options.clusterFile, input.sources);
  const defaultNamespace = clusterFile?.cluster?.defaults.namespace;
  const read = readDocuments(input.sources, defaultNamespace === undefined ? {} : { defaultNamespace });
  fleet.report([
    ...(clusterFile?.problems ?? []),
    ...input.problems,
    ...read.problems,
    ...checkCluster(options.clusterFile, clusterFile, read),
    ...checkPassedOver(clusterFile),
    ...checkAny(paths, [...input.problems, ...read.problems], read),
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

function readInput(paths: readonly string[]): ReturnType<typeof readSources> {
  const files = readSources(paths.filter((path) => path !== STANDARD_INPUT));
  if (!paths.includes(STANDARD_INPUT)) return files;
  const piped = readStandardInput();
  return {
    sources: [...piped.sources, ...files.sources],
    problems: [...piped.problems, ...files.problems],
  };
}

/** Null without such a file, and where it is one of those that are read anyway. */
function readClusterFile(file: string | undefined, sources: readonly Source[]): ReadResult | null {
  if (file === undefined || sources.some((source) => isSameFile(source.file, file))) return null;
  const { sources: given, problems } = file === STANDARD_INPUT ? readStandardInput() : readSource(file);
  const read = readDocuments(given);
  return { ...read, problems: [...problems, ...read.problems] };
}

function isSameFile(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false; // standard input, or a file that is not there: reading it tells
  }
}

function checkCluster(file: string | undefined, clusterFile: ReadResult | null, read: ReadResult): Problem[] {
  if (file === undefined) return [];
  const position = { file: file === STANDARD_INPUT ? STDIN_NAME : file, line: 1, column: 1 };
  const { cluster, problems } = clusterFile ?? read;
  if (cluster === null && !hasErrors(problems)) {
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
  if (clusterFile === null || cluster === null || read.cluster === null) return [];
  return [
    {
      severity: 'error',
      code: 'two-clusters',
      position: read.cluster.at('metadata.name').position,
      field: 'kind',
      message: `there is a Cluster ${read.cluster.name} here, and another, ${cluster.name}, in ${file}`,
      next: 'leave --cluster out, or remove the Cluster from the Workspace files',
    },
  ];
}

/** Workspaces that stand beside the Cluster: they were not asked for. */
function checkPassedOver(clusterFile: ReadResult | null): Problem[] {
  return (clusterFile?.workspaces ?? []).map((workspace) => ({
    severity: 'warning',
    code: 'passed-over',
    position: workspace.at('metadata.name').position,
    field: 'kind',
    message: `Workspace ${workspace.namespace}/${workspace.name} stands in the file given with --cluster, and is not rendered`,
    next: 'name the file among the Workspace files, too',
  }));
}

/** Nothing to render is a slip of the hand: written to a folder, it would remove everything that is there. */
function checkAny(
  [first = STANDARD_INPUT]: readonly string[],
  problems: readonly Problem[],
  { workspaces, rejected }: ReadResult,
): Problem[] {
  if (hasErrors(problems) || workspaces.length + rejected.length > 0) return [];
  return [
    {
      severity: 'error',
      code: 'no-workspace',
      position: { file: first === STANDARD_INPUT ? STDIN_NAME : first, line: 1, column: 1 },
      field: '',
      message: 'there is no Workspace in what was read',
      allowed: 'documents with kind Workspace or InferenceSet, apiVersion kaito.sh or slipway.dev/v1alpha1',
      next: 'name the files or folders that hold them',
    },
  ];
}
