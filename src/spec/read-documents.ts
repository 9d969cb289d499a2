import { mentionsOfSpec, type Mentions } from './mentions';
import type { ClusterSpec, WorkspaceSpec } from './normal';
import type { FilePosition, Problem } from './problem';
import { DEFAULT_NAMESPACE } from './read-cluster';
import type { ReadWorkspace } from './read-workspace';
import { Report } from './report';
import { inTextOrder } from './sort-problems';
import { ConfigMaps } from './yaml/config-maps';
import { decodeText } from './yaml/decode';
import { sortByKind } from './yaml/kinds';
import { Lines } from './yaml/lines';
import { parseText } from './yaml/parse';
import { readClusterDocument } from './yaml/read-cluster-document';
import { readInferenceSetDocument } from './yaml/read-inference-set-document';
import { readMultiRoleInferenceDocument, roleNames } from './yaml/read-multi-role-inference-document';
import { readWorkspaceDocument } from './yaml/read-workspace-document';
import { identityOf, resourcesOf, type Resource } from './yaml/resources';

/** A file and its content. */
export interface Source {
  /** Name for messages. */
  readonly file: string;
  readonly text: Buffer | string;
}

/** Everything that was read, and everything that is wrong with it. Documents with errors give no Workspace. */
export interface ReadResult {
  readonly workspaces: readonly WorkspaceSpec[];
  /** The catalogue's names in the Workspaces that have errors, so that they can be looked up all the same. */
  readonly rejected: readonly Mentions[];
  /** Null when the files hold no Cluster. */
  readonly cluster: ClusterSpec | null;
  readonly problems: readonly Problem[];
}

/** Choices of a reader. */
export interface ReadOptions {
  /** Namespace of Workspaces that name none. @default that of the Cluster among the files, else `default` */
  readonly defaultNamespace?: string;
}

/**
 * Read Workspaces, a Cluster and ConfigMaps from the text of YAML files. Pure, and never throws on bad input: every
 * problem of every file is in the result, in the order of the text.
 */
export function readDocuments(sources: readonly Source[], options: ReadOptions = {}): ReadResult {
  const problems: Problem[] = [];
  const resources = sources.flatMap((source) => readSource(source, problems));
  const sorted = sortByKind(resources);
  problems.push(...sorted.problems);
  const clusters = sorted.clusters.map(readClusterDocument);
  problems.push(...clusters.flatMap((cluster) => cluster.problems), ...checkSingle(sorted.clusters));
  const cluster = clusters[0]?.spec ?? null;
  const defaultNamespace = options.defaultNamespace ?? cluster?.defaults.namespace ?? DEFAULT_NAMESPACE;
  const configs = new ConfigMaps(defaultNamespace);
  problems.push(...sorted.configMaps.flatMap((resource) => configs.add(resource)));
  const read = sorted.workspaces.flatMap((resource, index) =>
    readResource(resource, defaultNamespace, configs).map((workspace) => ({ ...workspace, index })),
  );
  const duplicates = findDuplicates(sorted.workspaces, defaultNamespace);
  problems.push(
    ...read.flatMap((workspace) => workspace.problems),
    ...duplicates.values(),
    ...configs.unused(),
  );
  const isDuplicate = (index: number) => duplicates.has(index);
  return {
    workspaces: read.flatMap(({ spec, index }) => (isDuplicate(index) ? [] : (spec ?? []))),
    rejected: read.flatMap(({ spec, mentions, index }) => {
      if (mentions !== undefined) return mentions;
      return spec !== undefined && isDuplicate(index) ? mentionsOfSpec(spec) : [];
    }),
    cluster,
    problems: inTextOrder(
      problems,
      sources.map(({ file }) => file),
    ),
  };
}

/** The Workspaces that a document is read as. */
function readResource(
  resource: Resource,
  defaultNamespace: string,
  configs: ConfigMaps,
): readonly ReadWorkspace[] {
  if (resource.kind === 'MultiRoleInference')
    return readMultiRoleInferenceDocument(resource, defaultNamespace, configs);
  const readDocument = resource.kind === 'InferenceSet' ? readInferenceSetDocument : readWorkspaceDocument;
  return [readDocument(resource, defaultNamespace, configs)];
}

function readSource({ file, text: content }: Source, problems: Problem[]): Resource[] {
  const text = decodeText(file, content);
  if (typeof text !== 'string') {
    problems.push(text);
    return [];
  }
  const parsed = parseText(text, file);
  problems.push(...parsed.problems);
  if (parsed.documents.length === 0 && parsed.problems.length === 0) {
    problems.push({
      severity: 'error',
      code: 'empty-file',
      position: { file, line: 1, column: 1 },
      field: '',
      message: 'holds no document',
      next: 'write a Workspace, or leave this file out',
    });
  }
  const lines = new Lines(text);
  const found = parsed.documents.flatMap((document) => resourcesOf(document, lines));
  problems.push(...found.flatMap((item) => ('severity' in item ? item : [])));
  return found.flatMap((item) => ('severity' in item ? [] : item));
}

function checkSingle([first, ...others]: readonly Resource[]): Problem[] {
  if (first === undefined) return [];
  return others.flatMap(({ locator }) => {
    const report = new Report(locator);
    report.error(
      'second-cluster',
      'kind',
      `a Cluster stands in ${inText(first.locator.locate('kind'))} already`,
      {
        allowed: 'one Cluster for all Workspaces that are read together',
        next: 'read the files of each cluster on their own',
      },
    );
    return report.problems;
  });
}

/** The problems with those Workspaces, by their index, whose name an earlier one has already. */
function findDuplicates(workspaces: readonly Resource[], defaultNamespace: string): Map<number, Problem> {
  const first = new Map<string, Resource>();
  const duplicates = new Map<number, Problem>();
  for (const [index, resource] of workspaces.entries()) {
    const { name, namespace = defaultNamespace } = identityOf(resource);
    if (name === undefined) continue;
    const names = resource.kind === 'MultiRoleInference' ? roleNames(name) : [name];
    const ids = names.map((each) => `${namespace}/${each}`);
    const [id, other] = ids.flatMap((each) => {
      const earlier = first.get(each);
      return earlier === undefined ? [] : [[each, earlier] as const];
    })[0] ?? [undefined, undefined];
    if (other === undefined) {
      for (const each of ids) first.set(each, resource);
      continue;
    }
    duplicates.set(index, {
      severity: 'error',
      code: 'duplicate-name',
      position: resource.locator.locate('metadata.name'),
      field: 'metadata.name',
      message: `${other.kind} ${id} stands in ${inText(other.locator.locate('metadata.name'))} already`,
      next: 'rename or remove one of them',
    });
  }
  return duplicates;
}

function inText({ file, line, column }: FilePosition): string {
  return `${file}:${line}:${column}`;
}
