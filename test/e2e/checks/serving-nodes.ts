import { deepEqual, ok } from 'node:assert/strict';
import type { Cluster } from '../bench/cluster/cluster';
import { conditionOf, type Event, type Manifest } from '../bench/cluster/manifest';
import { eventually } from '../bench/process/eventually';
import type { NodeGroup } from '../bench/tree/fleet';
import { allNodesOf } from './nodes';

/** Longest that Karpenter may take to look at every node, on a busy machine: it looks every ten seconds. */
const LOOKED_SECONDS = 180;
/** Longest that a new node may take to be known everywhere. */
const RECORDED_SECONDS = 120;
/** What Karpenter says of a node that it has looked at, could consolidate by now, and leaves. */
const LEAVES = 'has consolidation policy WhenEmpty, but node is not empty';
/** Reasons of the events of a node that Karpenter takes away or replaces. */
const DISRUPTING: ReadonlySet<string> = new Set(['DisruptionLaunching', 'DisruptionTerminating']);

interface NodeClaim extends Manifest {
  readonly status?: { readonly nodeName?: string };
}

interface Seen {
  /** Name and UID. */
  readonly node: string;
  readonly claim: NodeClaim;
}

/** The nodes that serve, as they were when all was up: Karpenter has to leave them as they are. */
export class ServingNodes {
  readonly #recorded = new Map<string, readonly Seen[]>();

  constructor(private readonly cluster: Cluster) {}

  /** Groups whose nodes are looked after. */
  get names(): readonly string[] {
    return [...this.#recorded.keys()];
  }

  /** Take down the nodes of these groups, anew where a check has done something to them on purpose. Fixed pools are not consolidated. */
  async record(groups: readonly NodeGroup[]): Promise<void> {
    for (const { name, pools } of groups) {
      if (pools.some(({ spec }) => spec.replicas !== undefined)) continue;
      // Pods may run on a node before its NodeClaim says that it is there.
      const nodes = await eventually(`each node of ${name} has a NodeClaim`, RECORDED_SECONDS, () =>
        this.#nodesOf(name),
      );
      this.#recorded.set(name, nodes);
    }
  }

  /** Look after the nodes of a group no longer: a check is about to do something to them. */
  forget({ name }: NodeGroup): void {
    this.#recorded.delete(name);
  }

  /**
   * Wait until Karpenter, which need not wait before it consolidates, has looked at each node and says that it leaves it.
   *
   * @throws also when a node is not as it was taken down
   */
  async areLookedAt(): Promise<void> {
    const seen = [...this.#recorded.values()].flat();
    await eventually('Karpenter has looked at every node that serves', LOOKED_SECONDS, async () => {
      const left = (await this.#events()).filter(({ message }) => message.includes(LEAVES));
      const live = await this.#claims();
      for (const { node, claim } of seen) {
        const { metadata } = claim;
        const now = live.find((claim) => claim.metadata.uid === metadata.uid);
        // One that is gone is no reason to wait.
        if (now === undefined) continue;
        ok(
          conditionOf(now, 'Consolidatable')?.status === 'True',
          `${metadata.name} may be consolidated by now`,
        );
        ok(
          // It tells both, and either may get lost.
          left.some(({ involvedObject: { uid = '' } }) => uid === metadata.uid || node.endsWith(` ${uid}`)),
          `Karpenter says of ${metadata.name} that it leaves it`,
        );
      }
    });
    await this.areLeftAlone();
  }

  /** @throws when a node has gone, is another one, or is about to be taken away */
  async areLeftAlone(): Promise<void> {
    const events = await this.#events();
    for (const [group, before] of this.#recorded) {
      const now = await this.#nodesOf(group);
      deepEqual(
        now.map(({ node }) => node),
        before.map(({ node }) => node),
        `nodes of ${group}, of which none may be replaced`,
      );
      for (const { claim } of now) {
        const { metadata } = claim;
        const disruption = conditionOf(claim, 'DisruptionReason');
        const told = events.find(
          ({ reason, involvedObject }) => DISRUPTING.has(reason) && involvedObject.uid === metadata.uid,
        );
        deepEqual(
          [metadata.deletionTimestamp, disruption?.reason, told?.message],
          [undefined, undefined, undefined],
          `deletion, disruption and events of NodeClaim ${metadata.name} of ${group}`,
        );
      }
    }
  }

  async #nodesOf(group: string): Promise<readonly Seen[]> {
    const nodes = await allNodesOf(this.cluster, group);
    const claims = await this.#claims();
    return nodes
      .map(({ metadata }) => {
        const claim = claims.find(({ status }) => status?.nodeName === metadata.name);
        ok(claim !== undefined, `node ${metadata.name} of ${group} has a NodeClaim`);
        return { node: `${metadata.name} ${metadata.uid ?? ''}`, claim };
      })
      .sort((a, b) => a.node.localeCompare(b.node));
  }

  #claims(): Promise<readonly NodeClaim[]> {
    return this.cluster.list<NodeClaim>('karpenter.sh/v1', 'NodeClaim');
  }

  #events(): Promise<readonly Event[]> {
    return this.cluster.list<Event>('v1', 'Event');
  }
}
