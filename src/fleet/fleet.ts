import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ApiObject, App } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { loadCatalog, type Catalog } from '../catalog/catalog';
import { missingKeys } from '../gitops/secrets/check-references';
import type { placeSecrets } from '../gitops/secrets/place';
import { checkObject, checkText, type TextFault } from '../gitops/secrets/faults';
import { engineObjects, PLATFORM } from '../gitops/engines';
import { isKubernetesObject } from '../gitops/object';
import { checkRepository, repositoryOf, type Repository, type RepositoryProps } from '../gitops/repository';
import { fileOf, renderTree, toStream, type PlacedObject, type Tree } from '../gitops/tree';
import { writeTree, type WriteReport } from '../gitops/write-tree';
import type { BudgetProps } from '../spec/budget';
import { budgetFromProps } from '../spec/from-props';
import type { WorkspaceSpec } from '../spec/normal';
import { inTextOrder } from '../spec/sort-problems';
import { hasErrors, InvalidInputError, type Position, type Problem } from '../spec/problem';
import type { Decision, NodeDecision } from '../workload/decision';
import { checkBudget } from './budget/check';
import { usageOf } from './budget/usage';
import { namespaceObjects } from './namespaces';
import type { Rendering } from './rendering';
import { Sizer } from './sizer';

/** What a fleet may be told. */
export interface FleetProps {
  /** Folder of the rendered tree, relative to the working directory. @default `gitops` */
  readonly outdir?: string;
  /** Folder with presets of your own, added to the catalogue. @default none */
  readonly presets?: string;
  /** What the Workspaces of all clusters may use at most. @default no limit */
  readonly budget?: BudgetProps;
  /** Where Argo CD or Flux reads the tree from. @default their objects are not rendered */
  readonly repository?: RepositoryProps;
}

/** Where the objects of a construct belong in the tree. */
export interface Layout {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Who applies it. */
  readonly engine: 'argocd' | 'flux';
  /** Name of the Workspace, or of what several in its namespace share. @default none: it belongs to the whole cluster */
  readonly workspace?: string;
}

/**
 * All clusters and Workspaces of a repository: the cdk8s App. Its synthesis walks the construct tree once, where the
 * stock App walks it once for each chart, and lays one object in each file.
 */
export class Fleet extends App {
  /** Folder of the rendered tree. */
  readonly treeFolder: string;
  /** @internal */
  readonly sizer = new Sizer();
  /** @internal */
  readonly budget: BudgetProps | null;
  private readonly presets: string | undefined;
  private readonly repository: Repository | undefined;
  private loadedCatalog: Catalog | undefined;
  private readonly problems: Problem[] = [];
  private readonly layouts = new Map<IConstruct, Layout>();
  private readonly claims = new Map<string, WorkspaceSpec>();
  private readonly rejected = new Set<string>();
  private readonly foreignNamespaces = new Set<string>();
  private readonly decisions: (() => Decision | NodeDecision | null)[] = [];
  private readonly postponed: (() => void)[] = [];
  private readonly platforms: (() => void)[] = [];
  private readonly secrets: (() => ReturnType<typeof placeSecrets>)[] = [];
  private isPlatformMade = false;

  constructor(props: FleetProps = {}) {
    super();
    this.treeFolder = props.outdir ?? 'gitops';
    this.presets = props.presets;
    this.budget = this.readBudget(props.budget);
    if (props.repository === undefined) return;
    this.problems.push(...checkRepository(props.repository, this.node.path));
    this.repository = repositoryOf(props.repository, this.treeFolder);
  }

  /** The fleet that `construct` is in. @throws when it is in none. */
  static override of(construct: Construct): Fleet {
    const root = construct.node.root;
    if (root instanceof Fleet) return root;
    throw new Error(`${construct.node.path}: not inside a Fleet; create it with a Fleet at the root`);
  }

  /** Models and machine types, with the fleet's own presets. */
  get catalog(): Catalog {
    this.loadedCatalog ??= loadCatalog(this.presets);
    return this.loadedCatalog;
  }

  /** Add to the problems that the fleet's synthesis reports together. */
  report(problems: readonly Problem[]): void {
    this.problems.push(...problems);
  }

  /** Every cluster, also one without Workspaces. */
  private get clusters(): readonly Layout[] {
    return [...this.layouts.values()].filter(({ workspace }) => workspace === undefined);
  }

  /** @internal Say where the objects below `construct` belong. */
  layOut(construct: Construct, layout: Layout): void {
    this.layouts.set(construct, layout);
  }

  /** @internal Have `make` called once, when all Workspaces are there. */
  onPlatform(make: () => void): void {
    this.platforms.push(make);
  }

  /** @internal Have the Secrets that `place` gives in the tree. */
  onSecrets(place: () => ReturnType<typeof placeSecrets>): void {
    this.secrets.push(place);
  }

  /** @internal Have `act` called once, when all Workspaces are there, before `onPlatform`. */
  postpone(act: () => void): void {
    this.postponed.push(act);
  }

  /** @internal Have what `decision` gives in the summary, in the order of these calls. */
  deciding(decision: () => Decision | NodeDecision | null): void {
    this.decisions.push(decision);
  }

  /** @internal Leave a namespace to whoever made it, though objects are rendered into it. */
  leaveNamespace(cluster: string, namespace: string): void {
    this.foreignNamespaces.add(`${cluster}/${namespace}`);
  }

  /** @internal Record a Workspace that has errors. */
  reject(cluster: string, namespace: string, name: string): void {
    this.rejected.add(`${cluster}/${namespace}/${name}`);
  }

  /** @internal The Workspace of that name; null when it has errors, undefined when there is none (yet). */
  workspace(cluster: string, namespace: string, name: string): WorkspaceSpec | null | undefined {
    const key = `${cluster}/${namespace}/${name}`;
    return this.claims.get(key) ?? (this.rejected.has(key) ? null : undefined);
  }

  /** @internal All Workspaces of a cluster that have no errors of their own (so far). */
  workspacesOf(cluster: string): WorkspaceSpec[] {
    return [...this.claims].flatMap(([key, spec]) => (key.startsWith(`${cluster}/`) ? [spec] : []));
  }

  /** @internal Take the Workspace's name in its cluster and namespace; reports whoever takes it again, and returns false. */
  claim(cluster: string, workspace: WorkspaceSpec): boolean {
    const key = `${cluster}/${workspace.namespace}/${workspace.name}`;
    const position = workspace.locate('metadata.name');
    const earlier = this.claims.get(key);
    if (earlier === undefined) {
      this.claims.set(key, workspace);
      return true;
    }
    this.problems.push({
      severity: 'error',
      code: 'duplicate-workspace',
      position,
      field: 'metadata.name',
      message: `cluster ${cluster} already has a Workspace ${workspace.name} in namespace ${workspace.namespace}, from ${describe(earlier.locate('metadata.name'))}`,
      next: 'rename one of the two, or move it to another namespace',
    });
    return false;
  }

  /**
   * Render everything in memory.
   * @throws InvalidInputError with every problem, when at least one is an error.
   */
  render(): Rendering {
    if (!this.isPlatformMade) {
      this.isPlatformMade = true;
      for (const act of this.postponed) act();
      for (const make of this.platforms) make();
    }
    const problems = [...this.problems, ...this.checkBudget()];
    const objects: PlacedObject[] = [];
    this.visit(this, undefined, objects, problems);
    for (const place of this.secrets) {
      const placed = place();
      objects.push(...placed.objects);
      problems.push(...placed.problems);
    }
    objects.push(...namespaceObjects(objects, this.foreignNamespaces));
    if (this.repository !== undefined)
      objects.push(...engineObjects(this.repository, objects, this.clusters));
    const { tree, collisions, makers } = renderTree(objects);
    for (const { path, constructs } of collisions) {
      problems.push({
        severity: 'error',
        code: 'duplicate-object',
        position: { construct: constructs[1] },
        field: '',
        message: `its object for ${path} exists already: ${constructs[0]} makes it`,
        next: 'rename one of the two objects, or one of the Workspaces that they belong to',
      });
    }
    const faults = (path: string, construct: string, found: readonly TextFault[]): void => {
      for (const { code, message, next } of found) {
        problems.push({
          severity: 'error',
          code,
          position: { construct },
          field: '',
          message: `${path}: ${message}`,
          next,
        });
      }
    };
    for (const [path, content] of tree) faults(path, makers.get(path) ?? this.node.path, checkText(content));
    for (const placed of objects.filter(({ encrypted }) => encrypted === undefined))
      faults(`${placed.folder}/${fileOf(placed)}`, placed.construct, checkObject(placed.object));
    for (const { construct, object, secret, key, keys } of missingKeys(objects)) {
      problems.push({
        severity: 'error',
        code: 'missing-secret-key',
        position: { construct },
        field: '',
        message: `${object} reads the key ${key} of Secret ${secret}, which has ${keys.join(', ')}`,
        next: `add ${key} to the Secret, or name another Secret`,
      });
    }
    const ordered = inTextOrder(problems);
    if (hasErrors(ordered)) throw new InvalidInputError(ordered);
    return { tree, decisions: this.decisions.flatMap((decision) => decision() ?? []), problems: ordered };
  }

  /**
   * Render, and write the tree: the last line of a program. Problems and a summary go to standard error. With an error in
   * the input nothing is written and the process ends with code 2; `render` is there for those who want an exception.
   */
  override synth(): void {
    // Loaded here, since a program that only renders prints nothing.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { printFailure, printSummary } = require('./report') as typeof import('./report');
    let rendering: Rendering;
    let report: WriteReport;
    if (scratchFolder() === resolve(this.treeFolder)) {
      process.stderr.write(
        `warning  cdk8s empties ${this.treeFolder}/ before each run, so that a failing one leaves nothing of it: name a scratch folder in cdk8s.yaml, such as "output: .slipway/synth"\n`,
      );
    }
    try {
      rendering = this.render();
      report = writeTree(this.treeFolder, rendering.tree);
    } catch (error) {
      process.exit(printFailure(error, process.stderr));
    }
    this.writeScratch(rendering.tree);
    printSummary(rendering, report, this.treeFolder, process.stderr);
  }

  /** All objects as one YAML stream. */
  override synthYaml(): string {
    return toStream(this.render().tree);
  }

  /** The cdk8s CLI deletes its output folder before it runs a program and expects manifests there: it gets one stream. */
  private writeScratch(tree: Tree): void {
    const scratch = scratchFolder();
    if (scratch === undefined || scratch === resolve(this.treeFolder)) return;
    mkdirSync(scratch, { recursive: true });
    writeFileSync(join(scratch, `fleet${this.outputFileExtension}`), toStream(tree));
  }

  private readBudget(given: BudgetProps | undefined): BudgetProps | null {
    if (given === undefined) return null;
    const { budget, problems } = budgetFromProps(given, 'fleet');
    this.report(problems);
    return budget;
  }

  private checkBudget(): Problem[] {
    if (this.budget === null) return [];
    const usages = this.decisions.flatMap((decide) => decide() ?? []).map(usageOf);
    return checkBudget({ name: 'the fleet', locate: () => ({ construct: 'fleet' }) }, this.budget, usages);
  }

  private visit(
    construct: IConstruct,
    inherited: Layout | undefined,
    objects: PlacedObject[],
    problems: Problem[],
  ): void {
    const layout = this.layouts.get(construct) ?? inherited;
    for (const message of construct.node.validate()) {
      problems.push({
        severity: 'error',
        code: 'construct-validation',
        position: { construct: construct.node.path },
        field: '',
        message,
      });
    }
    if (construct instanceof ApiObject) this.collect(construct, layout, objects, problems);
    for (const child of construct.node.children) this.visit(child, layout, objects, problems);
  }

  private collect(
    apiObject: ApiObject,
    layout: Layout | undefined,
    objects: PlacedObject[],
    problems: Problem[],
  ): void {
    const object: unknown = apiObject.toJson();
    const path = apiObject.node.path;
    if (!isKubernetesObject(object) || layout === undefined) {
      problems.push({
        severity: 'error',
        code: 'misplaced-object',
        position: { construct: path },
        field: '',
        message: layout === undefined ? 'it is in no Cluster' : 'it is no Kubernetes object with a name',
        next: 'create it with a Cluster or a Workspace as its scope',
      });
      return;
    }
    objects.push({
      object,
      folder: folderOf(layout, object.metadata.namespace),
      construct: path,
      engine: layout.engine,
    });
  }
}

/** The folder that the cdk8s CLI has emptied, and expects manifests in; undefined without the CLI. */
function scratchFolder(): string | undefined {
  const folder = process.env['CDK8S_OUTDIR'];
  return folder === undefined ? undefined : resolve(folder);
}

/** `<cluster>/<namespace>/<workspace>` for what a Workspace has in its namespace, `<cluster>/platform` for all else. */
function folderOf(layout: Layout, namespace: string | undefined): string {
  if (layout.workspace === undefined || namespace === undefined) return `${layout.cluster}/${PLATFORM}`;
  return `${layout.cluster}/${namespace}/${layout.workspace}`;
}

function describe(position: Position): string {
  return 'construct' in position
    ? position.construct
    : `${position.file}:${position.line}:${position.column}`;
}
