import { relative } from 'node:path';
import { Chart } from 'cdk8s';
import type { CapacityRequest } from '../capacity/contract';
import { workspaceFromProps } from '../spec/from-props';
import { mentionsOfSpec } from '../spec/mentions';
import type { WorkspaceSpec } from '../spec/normal';
import { hasErrors } from '../spec/problem';
import { readFiles } from '../spec/read-files';
import type { ReadWorkspace } from '../spec/read-workspace';
import type { Loose } from '../spec/shape/loose';
import type { AdapterProps, AdapterSourceProps, TunedWorkspace, WorkspaceProps } from '../spec/workspace';
import {
  checkInference,
  checkTemplate,
  checkTuning,
  diskBytesOf,
  sharedRequest,
  synthesizeInference,
  synthesizeTemplate,
  synthesizeTuning,
  totalNodes,
} from '../workload';
import type { Decision, NodeDecision } from '../workload/decision';
import { nodeGroupName } from '../workload/names';
import type { PodScheduling } from '../workload/scheduling';
import type { Problem } from '../spec/problem';
import type { Cluster } from './cluster';
import { decide } from './decide';
import { decideTemplate } from './decide-template';
import { Fleet } from './fleet';
import { checkHalves, checkPair, otherHalves, withSharedContext } from './pair-roles';
import { resolveAdapters } from './resolve-adapters';

/** Disk of nodes whose pods nobody knows, in bytes: what KAITO's node classes have (300 GB, KAITO v0.12). */
const TEMPLATE_DISK_BYTES = 300_000_000_000;

/** One model, served or fine-tuned, on GPU machines of a cluster. */
export class Workspace extends Chart {
  /** What was given, checked and with its defaults; null when it has errors. */
  readonly spec: WorkspaceSpec | null;
  /**
   * Machines and sizes, with the model unless the user brought a pod template; null when there are errors, and until
   * synthesis where an adapter comes from a Workspace that is not there yet.
   */
  get decision(): Decision | NodeDecision | null {
    return this.decided;
  }

  private decided: Decision | NodeDecision | null = null;

  /**
   * @param cluster where it runs
   * @param name the Workspace's name: a DNS label, unique in its namespace
   */
  constructor(cluster: Cluster, name: string, props: WorkspaceProps | WorkspaceSpec) {
    super(cluster, freeId(cluster, name, props.namespace ?? cluster.spec.defaults.namespace));
    const fleet = Fleet.of(this);
    const { spec, mentions, problems }: ReadWorkspace = isSpec(props)
      ? { spec: props, problems: [] }
      : workspaceFromProps(name, withTuningNames(props), this.node.path, cluster.spec.defaults.namespace);
    fleet.report(problems);
    if (mentions !== undefined) cluster.checkRejected([mentions]);
    this.spec = spec ?? null;
    if (spec === undefined) {
      fleet.reject(cluster.spec.name, props.namespace ?? cluster.spec.defaults.namespace, name);
      return;
    }
    if (!fleet.claim(cluster.spec.name, spec)) {
      cluster.checkRejected([mentionsOfSpec(spec)]);
      return;
    }
    fleet.layOut(this, { cluster: cluster.spec.name, engine: cluster.spec.gitOps, workspace: spec.name });
    fleet.deciding(() => this.decided);
    const decideNow = () => {
      this.decided =
        spec.inference?.template == null
          ? this.serve(cluster, spec, fleet)
          : this.runTemplate(cluster, spec, fleet);
    };
    // The other half of serving may come later, and so may a second one.
    const isHalf = spec.inference?.role !== undefined;
    if (isHalf || this.awaits(cluster, spec, fleet)) fleet.postpone(decideNow);
    else decideNow();
  }

  /**
   * Add the Workspaces of YAML files to `cluster`: KAITO's or Slipway's documents, single files or folders, relative to
   * the working directory. Problems are reported with file, line and column when the fleet is synthesized.
   */
  static fromYaml(cluster: Cluster, ...paths: readonly string[]): Workspace[] {
    const { workspaces, rejected, problems } = readFiles(paths.map(fromHere), {
      defaultNamespace: cluster.spec.defaults.namespace,
    });
    Fleet.of(cluster).report(problems);
    cluster.checkRejected(rejected);
    return workspaces.map((spec) => new Workspace(cluster, spec.name, spec));
  }

  /** True while an adapter comes from a Workspace that has not been constructed. */
  private awaits(cluster: Cluster, spec: WorkspaceSpec, fleet: Fleet): boolean {
    const adapters = spec.inference?.adapters ?? [];
    return adapters.some(
      ({ tuning }) =>
        tuning !== undefined &&
        fleet.workspace(cluster.spec.name, tuning.namespace, tuning.name) === undefined,
    );
  }

  private serve(cluster: Cluster, given: WorkspaceSpec, fleet: Fleet): Decision | null {
    const resolved = resolveAdapters(
      given,
      (namespace, name) => fleet.workspace(cluster.spec.name, namespace, name),
      fleet.catalog,
    );
    fleet.report(resolved.problems);
    const spec = resolved.workspace;
    const { decision: alone, problems } = decide(spec, cluster.spec, fleet.catalog, fleet.sizer);
    fleet.report(problems);
    if (hasErrors(resolved.problems)) return null;
    if (alone === null) return null;
    const decision = this.pair(cluster, alone, fleet);
    if (decision === null) return null;
    const isTuning = spec.tuning !== null;
    const all = isTuning ? checkTuning(decision) : checkInference(decision);
    this.synthesize(cluster, decision, diskBytesOf(decision), all, (scheduling) => {
      const shared = sharedRequest(decision);
      if (shared !== null) cluster.shareWeights(shared);
      (isTuning ? synthesizeTuning : synthesizeInference)(this, decision, scheduling);
    });
    return decision;
  }

  /** One half of serving with what follows from the other half; null when they do not go together. */
  private pair(cluster: Cluster, own: Decision, fleet: Fleet): Decision | null {
    const { workspace } = own;
    if (workspace.inference?.role === undefined) return own;
    const others = otherHalves(workspace, fleet.workspacesOf(cluster.spec.name));
    const missing = checkHalves(workspace, others);
    fleet.report(missing);
    const [spec] = others;
    if (spec === undefined || missing.length > 0) return null;
    // Its problems are its own to report.
    const { decision: other } = decide(spec, cluster.spec, fleet.catalog, fleet.sizer);
    if (other === null) return null;
    const problems = checkPair(own, other);
    fleet.report(problems);
    return hasErrors(problems) ? null : withSharedContext(own, other);
  }

  private runTemplate(cluster: Cluster, spec: WorkspaceSpec, fleet: Fleet): NodeDecision | null {
    const { decision, problems } = decideTemplate(spec, cluster.spec, fleet.catalog);
    fleet.report(problems);
    if (decision === null) return null;
    this.synthesize(cluster, decision, TEMPLATE_DISK_BYTES, checkTemplate(decision), (scheduling) => {
      synthesizeTemplate(this, decision, scheduling);
    });
    return decision;
  }

  /** Make nodes and workload, unless something of the decision cannot be honoured. */
  private synthesize(
    cluster: Cluster,
    decision: NodeDecision,
    diskBytes: number,
    problems: readonly Problem[],
    workload: (scheduling: PodScheduling) => void,
  ): void {
    const { workspace } = decision;
    const request: CapacityRequest = {
      decision,
      nodeGroup: nodeGroupName(workspace.namespace, workspace.name),
      nodes: totalNodes(decision),
      purpose: workspace.tuning === null ? 'inference' : 'tuning',
      diskBytes,
    };
    const all = [...problems, ...cluster.capacity.check(request)];
    Fleet.of(this).report(all);
    if (hasErrors(all)) return;
    cluster.request(request);
    cluster.capacity.synthesize(this, request);
    workload(cluster.capacity.scheduling(request));
  }
}

/** `path` as messages name it: relative to the working directory where it is below that. */
function fromHere(path: string): string {
  const near = relative('', path);
  return near === '' || near.startsWith('..') ? path : near;
}

/** The props with names in place of tuning Workspaces themselves. */
function withTuningNames(props: WorkspaceProps): WorkspaceProps {
  if (props.inference === undefined || !Array.isArray(props.inference.adapters)) return props;
  const { adapters, ...inference } = props.inference;
  const named = adapters.map((adapter: AdapterProps): AdapterProps => {
    // Plain JavaScript may give anything; what is malformed is reported when the props are read.
    const tuning: unknown = (adapter as Loose<AdapterProps> | null | undefined)?.source?.tuning;
    if (!isWorkspace(tuning)) return adapter;
    const { spec, node } = tuning;
    const name = spec === null ? node.id : `${spec.namespace}/${spec.name}`;
    // Beside `tuning` may stand what is refused later.
    return { ...adapter, source: { ...adapter.source, tuning: name } as AdapterSourceProps };
  });
  return { ...props, inference: { ...inference, adapters: named } };
}

/** To cdk8s every chart is an instance of each class of charts, so that a Cluster would do. */
function isWorkspace(value: unknown): value is TunedWorkspace {
  return value instanceof Workspace && 'decision' in value;
}

function isSpec(props: WorkspaceProps | WorkspaceSpec): props is WorkspaceSpec {
  return 'at' in props;
}

/** Construct ids are unique in a cluster, and Workspaces' names only in a namespace. */
function freeId(cluster: Cluster, name: string, namespace: string): string {
  const taken = (id: string) => cluster.node.tryFindChild(id) !== undefined;
  if (!taken(name)) return name;
  const long = `${namespace}--${name}`;
  if (!taken(long)) return long;
  let count = 2;
  while (taken(`${long}--${count}`)) count += 1;
  return `${long}--${count}`;
}
