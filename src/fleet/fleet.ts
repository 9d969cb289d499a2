import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { App } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { loadCatalog, type Catalog } from '../catalog/catalog';
import type { placeSecrets } from '../gitops/secrets/place';
import { engineObjects } from '../gitops/engines';
import {
  checkReadable,
  checkRepository,
  repositoryOf,
  type Repository,
  type RepositoryProps,
} from '../gitops/repository';
import { renderTree, toStream, type Tree } from '../gitops/tree';
import { writeTree, type WriteReport } from '../gitops/write-tree';
import type { BudgetProps } from '../spec/budget';
import { budgetFromProps } from '../spec/from-props';
import type { PruneProtection } from '../spec/cluster';
import type { WorkspaceSpec } from '../spec/normal';
import { inTextOrder } from '../spec/sort-problems';
import { hasErrors, InvalidInputError, type Problem } from '../spec/problem';
import type { Decision, NodeDecision } from '../workload/decision';
import { checkBudget } from './budget/check';
import { usageOf } from './budget/usage';
import { checkTree } from './check-tree';
import { collectObjects, type Layout } from './collect-objects';
import { namespaceObjects } from './namespaces';
import type { Rendering } from './rendering';
import { Sizer } from './sizer';
import { WorkspaceNames } from './workspace-names';

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
  private readonly names = new WorkspaceNames();
  private readonly foreignNamespaces = new Set<string>();
  private readonly decisions: (() => Decision | NodeDecision | null)[] = [];
  private readonly postponed: (() => void)[] = [];
  private readonly platforms: (() => void)[] = [];
  private readonly secrets: (() => ReturnType<typeof placeSecrets>)[] = [];
  private readonly protections = new Map<string, PruneProtection>();
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

  /** @internal Have node pools and namespaces of a cluster protected in a way that is not the default. */
  protect(cluster: string, protection: PruneProtection): void {
    this.protections.set(cluster, protection);
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
    this.names.reject(cluster, namespace, name);
  }

  /** @internal The Workspace of that name; null when it has errors, undefined when there is none (yet). */
  workspace(cluster: string, namespace: string, name: string): WorkspaceSpec | null | undefined {
    return this.names.find(cluster, namespace, name);
  }

  /** @internal All Workspaces of a cluster that have no errors of their own (so far). */
  workspacesOf(cluster: string): WorkspaceSpec[] {
    return this.names.ofCluster(cluster);
  }

  /** @internal Take the Workspace's name in its cluster and namespace; reports whoever takes it again, and returns false. */
  claim(cluster: string, workspace: WorkspaceSpec): boolean {
    const problem = this.names.claim(cluster, workspace);
    if (problem !== null) this.problems.push(problem);
    return problem === null;
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
    const { objects, problems: misplaced } = collectObjects(this, this.layouts);
    const problems = [...this.problems, ...this.checkBudget(), ...misplaced];
    for (const place of this.secrets) {
      const placed = place();
      objects.push(...placed.objects);
      problems.push(...placed.problems);
    }
    objects.push(...namespaceObjects(objects, this.foreignNamespaces));
    if (this.repository !== undefined) {
      objects.push(...engineObjects(this.repository, objects, this.clusters));
      problems.push(...checkReadable(this.repository, this.clusters, this.node.path));
    }
    const rendered = renderTree(objects, this.protections);
    problems.push(...checkTree(rendered, objects, this.node.path));
    const ordered = inTextOrder(problems);
    if (hasErrors(ordered)) throw new InvalidInputError(ordered);
    return {
      tree: rendered.tree,
      decisions: this.decisions.flatMap((decision) => decision() ?? []),
      problems: ordered,
    };
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
    const at = (field: string) => ({ position: { construct: 'fleet' }, field });
    return checkBudget({ name: 'the fleet', at }, this.budget, usages);
  }
}

/** The folder that the cdk8s CLI has emptied, and expects manifests in; undefined without the CLI. */
function scratchFolder(): string | undefined {
  const folder = process.env['CDK8S_OUTDIR'];
  return folder === undefined ? undefined : resolve(folder);
}
