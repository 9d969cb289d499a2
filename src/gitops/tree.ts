import { namesInCluster } from './names-in-cluster';
import { annotateFor } from './order';
import type { KubernetesObject } from './object';
import type { PruneProtection } from '../spec/cluster';
import { toYaml } from '../workload/yaml';

/** An object, and where in the tree it belongs. */
export interface PlacedObject {
  readonly object: KubernetesObject;
  /** Folder below the root, such as `prod/team-a/chat`. */
  readonly folder: string;
  /** Path of the construct that made it, for messages. */
  readonly construct: string;
  readonly engine: 'argocd' | 'flux';
  /** Name of its file. @default `<kind>-<name>.yaml` */
  readonly file?: string;
  /** For an object that is in Git encrypted with SOPS. */
  readonly encrypted?: Encrypted;
}

/** A file that SOPS has encrypted, and who decrypts it. */
export interface Encrypted {
  /** Byte for byte, as SOPS has signed it. */
  readonly content: string;
  /** Flux: name of the Secret with the private key. */
  readonly keySecret: string;
  /** Argo CD: name of the config management plugin. */
  readonly argocdPlugin?: string;
}

/** Two objects that want the same file, or that are one object in the cluster though they have files of their own. */
export interface Collision {
  /** File of the later one. */
  readonly path: string;
  readonly constructs: readonly [string, string];
}

/** The rendered files by path (with `/`, below the root), in the order of their paths. */
export type Tree = ReadonlyMap<string, string>;

/** A tree, with who made what. */
export interface RenderedTree {
  readonly tree: Tree;
  readonly collisions: readonly Collision[];
  /** Path of the construct behind each object's file. */
  readonly makers: ReadonlyMap<string, string>;
}

const KUSTOMIZATION = 'kustomization.yaml';

/** File name of an object: `<kind>-<name>.yaml` in lower case. */
export function fileName(kind: string, name: string): string {
  return `${kind.toLowerCase()}-${name}.yaml`;
}

/** Name of the file of a placed object. */
export function fileOf({ file, object }: PlacedObject): string {
  return file ?? fileName(object.kind, object.metadata.name);
}

/**
 * Lay `objects` out as files, one object each, with a `kustomization.yaml` in each folder. The result does not depend on
 * the order of `objects`.
 *
 * @param protections of clusters that do not have the default
 */
export function renderTree(
  objects: readonly PlacedObject[],
  protections: ReadonlyMap<string, PruneProtection> = new Map(),
): RenderedTree {
  const files = new Map<string, string>();
  const makers = new Map<string, string>();
  const names = new Map<string, string>();
  const folders = new Map<string, string[]>();
  const collisions: Collision[] = [];
  for (const placed of objects) {
    const { object, folder, construct, engine, encrypted } = placed;
    const name = fileOf(placed);
    const path = `${folder}/${name}`;
    const { takes, joins, avoids } = namesInCluster(clusterOf(folder), object);
    const earlier = makers.get(path) ?? [...takes, ...avoids].flatMap((each) => names.get(each) ?? [])[0];
    if (earlier !== undefined) {
      collisions.push({ path, constructs: [earlier, construct] });
      continue;
    }
    makers.set(path, construct);
    for (const each of [...takes, ...joins]) names.set(each, construct);
    files.set(
      path,
      encrypted?.content ?? toYaml(annotateFor(object, engine, protections.get(clusterOf(folder)))),
    );
    const siblings = folders.get(folder);
    if (siblings === undefined) folders.set(folder, [name]);
    else siblings.push(name);
  }
  for (const [folder, names] of folders) {
    files.set(`${folder}/${KUSTOMIZATION}`, kustomization(names));
  }
  const tree = new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { tree, collisions, makers };
}

function clusterOf(folder: string): string {
  return folder.slice(0, folder.indexOf('/'));
}

function kustomization(names: readonly string[]): string {
  return toYaml({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...names].sort(),
  });
}

/** The tree's objects as one YAML stream in the order of their paths, without the kustomizations. */
export function toStream(tree: Tree): string {
  const documents: string[] = [];
  for (const [path, content] of tree) {
    if (!path.endsWith(`/${KUSTOMIZATION}`)) documents.push(content);
  }
  return documents.join('---\n');
}
