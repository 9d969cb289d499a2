import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { capacityOf } from '../capacity';
import { checkDevicePlugin, ENGINE_NAMESPACES, synthesizeDevicePlugin } from '../capacity/device-plugin';
import type { Capacity, CapacityRequest } from '../capacity/contract';
import type { ClusterProps } from '../spec/cluster';
import type { Mentions } from '../spec/mentions';
import type { ClusterSpec } from '../spec/normal';
import { synthesizeBodyBasedRouter } from '../workload';
import { checkRoutes } from './check-routes';
import { placeSecrets } from '../gitops/secrets/place';
import { checkBudget } from './budget/check';
import { synthesizeQuotas } from './budget/quota';
import { usageOf } from './budget/usage';
import { synthesizePriorityClasses } from './priority-classes';
import { checkMentions } from './check-mentions';
import { checkShared, synthesizeShared, type SharedRequest } from '../workload';
import { clusterFromProps } from '../spec/from-props';
import { Fleet } from './fleet';

/** Where Workspaces run: a cloud, who makes its nodes, and what its Workspaces start from. */
export class Cluster extends Chart {
  /** What was given, with all defaults. */
  readonly spec: ClusterSpec;
  /** @internal */
  readonly capacity: Capacity;
  private readonly requests: CapacityRequest[] = [];
  private readonly sharings = new Map<string, SharedRequest[]>();

  /**
   * @param fleet the fleet that it belongs to
   * @param name the cluster's name: a DNS label, and its folder in the rendered tree
   */
  constructor(fleet: Construct, name: string, props: ClusterProps | ClusterSpec = {}) {
    super(fleet, name);
    const { spec, problems } =
      'at' in props ? { spec: props, problems: [] } : clusterFromProps(name, props, this.node.path);
    const owner = Fleet.of(this);
    owner.report(problems);
    owner.layOut(this, { cluster: name, engine: spec.gitOps });
    if (spec.pruneProtection !== undefined) owner.protect(name, spec.pruneProtection);
    owner.onPlatform(() => {
      this.synthesizePlatform();
      this.synthesizeSharedWeights();
    });
    owner.onSecrets(() => placeSecrets(spec, this.node.path));
    this.spec = spec;
    this.capacity = capacityOf(spec);
  }

  /** @internal Look up what Workspaces with errors of their own name, so that one run reports everything. */
  checkRejected(rejected: readonly Mentions[]): void {
    const fleet = Fleet.of(this);
    for (const mentions of rejected)
      fleet.report(checkMentions(mentions, this.spec, fleet.catalog, fleet.sizer));
  }

  /** @internal Ask for nodes; objects that the cluster has once for all requests are made at synth. */
  request(request: CapacityRequest): void {
    this.requests.push(request);
  }

  /** @internal Have a part in the weights that several Workspaces share; claim and Job are made at synth. */
  shareWeights(request: SharedRequest): void {
    const key = `${request.workspace.namespace}/${request.claimName}`;
    const others = this.sharings.get(key);
    if (others === undefined) this.sharings.set(key, [request]);
    else others.push(request);
  }

  /** Each shared claim has a folder of its own, so that the objects of no Workspace change when another one joins or leaves. */
  private synthesizeSharedWeights(): void {
    const fleet = Fleet.of(this);
    for (const [key, requests] of [...this.sharings].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const problems = checkShared(requests);
      fleet.report(problems);
      if (problems.length > 0) continue;
      const [, name] = key.split('/');
      // No Workspace has a name with capital letters.
      const chart = new Chart(this, `Weights-${key.replace('/', '--')}`);
      fleet.layOut(chart, { cluster: this.spec.name, engine: this.spec.gitOps, workspace: name ?? key });
      synthesizeShared(chart, requests);
    }
  }

  private synthesizePlatform(): void {
    if (this.requests.length === 0) return;
    const { gateway } = this.spec;
    const fleet = Fleet.of(this);
    fleet.report(checkRoutes(this.requests.map(({ decision }) => decision)));
    if (gateway !== undefined) fleet.leaveNamespace(this.spec.name, gateway.namespace);
    if (gateway?.implementation === 'istio' && this.requests.some(isRoutedByModelName)) {
      synthesizeBodyBasedRouter(this, this.spec, gateway);
    }
    fleet.report(checkDevicePlugin(this.spec));
    fleet.leaveNamespace(this.spec.name, ENGINE_NAMESPACES[this.spec.gitOps]);
    synthesizeDevicePlugin(this, this.spec);
    synthesizePriorityClasses(this, this.spec);
    this.holdBudget(fleet);
    const sorted = this.requests.toSorted((a, b) => (a.nodeGroup < b.nodeGroup ? -1 : 1));
    this.capacity.synthesizeCluster?.(this, this.spec, sorted);
  }

  private holdBudget(fleet: Fleet): void {
    const { name, budget } = this.spec;
    const usages = this.requests.map(({ decision }) => usageOf(decision));
    const namespaces = usages.map(({ namespace }) => namespace);
    const budgets = [budget, fleet.budget].filter((given) => given != null);
    synthesizeQuotas(this, namespaces, budgets);
    if (budget === undefined) return;
    const at = (field: string) => this.spec.at(field);
    fleet.report(checkBudget({ name: `cluster ${name}`, at }, budget, usages));
  }
}

/** True when the Workspace's route needs the model's name, on the cluster's own Gateway. */
function isRoutedByModelName({ decision }: CapacityRequest): boolean {
  const route = decision.workspace.operations?.route;
  return route?.byModelName === true && route.gateway === undefined;
}
