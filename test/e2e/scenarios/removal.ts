import { deepEqual } from 'node:assert/strict';
import { describe, refOf, type Manifest } from '../bench/cluster/manifest';
import { eventually } from '../bench/process/eventually';
import { objectsOf } from '../bench/tree/fleet';
import { removeWorkspace } from '../bench/tree/remove-workspace';
import type { AppliedFolder, RenderedCluster } from '../bench/tree/rendered-tree';
import { deliver, renderedNow, revert, type Scenario } from './scenario';

/** Longest that an engine may take to act on a commit. */
const ACTED_SECONDS = 120;
/** Kinds that hold data or cost money. */
const PROTECTED: ReadonlySet<string> = new Set([
  'Namespace',
  'NodeClaim',
  'NodePool',
  'PersistentVolume',
  'PersistentVolumeClaim',
]);

/** A Workspace that is taken out of the tree and brought back. */
export class Removal {
  readonly #rendered: RenderedCluster;
  /** All but Jobs: one that is brought back is another one. */
  readonly #lasting: readonly Manifest[];
  #before: readonly Manifest[] = [];
  #kept: readonly Manifest[] = [];

  constructor(
    private readonly scenario: Scenario,
    private readonly folder: AppliedFolder,
  ) {
    this.#rendered = renderedNow(scenario);
    this.#lasting = objectsOf(this.#rendered).filter(({ kind }) => kind !== 'Job');
  }

  async carryOut(): Promise<void> {
    const { scenario, folder } = this;
    const { bench, delivery, repository } = scenario;
    this.#before = await Promise.all(this.#lasting.map((object) => bench.cluster.get(refOf(object))));
    removeWorkspace(repository.folder, this.#rendered, folder);
    const removal = await deliver(scenario, `Remove ${folder.path}`);
    const now = objectsOf(renderedNow(scenario));
    const removed = this.#lasting.filter((object) => !namesOf(now).includes(describe(refOf(object))));
    deepEqual(
      namesOf(removed.filter((object) => PROTECTED.has(object.kind) && !delivery.keeps(object))),
      [],
      'objects that hold data or cost money, and are rendered without protection',
    );
    this.#kept = removed.filter((object) => delivery.keeps(object));
    // A node class stays as long as the node pool that refers to it.
    const deleted = folder.objects.filter((object) => !delivery.keeps(object));
    await eventually('what is not protected is deleted', ACTED_SECONDS, async () => {
      deepEqual(await this.#live(deleted), [], 'still there');
    });
    await this.keepsWhatIsProtected();
    // What is kept is nobody's open task: the others' Applications and Kustomizations are as well as before.
    await delivery.settled(renderedNow(scenario), removal);
  }

  async keepsWhatIsProtected(): Promise<void> {
    deepEqual(await this.#live(this.#kept), namesOf(this.#kept), 'protected objects that are still there');
  }

  /** `git revert` returns to the same objects. */
  async undo(): Promise<void> {
    const { scenario } = this;
    const revision = await revert(scenario);
    await scenario.delivery.settled(renderedNow(scenario), revision);
    for (const object of this.#before) {
      // What a Service got from the API server (its address) belongs to that Service.
      if (object.kind === 'Service') continue;
      const now = await scenario.bench.cluster.get(refOf(object));
      deepEqual(now['spec'] ?? now['data'], object['spec'] ?? object['data'], describe(refOf(object)));
    }
  }

  async #live(objects: readonly Manifest[]): Promise<readonly string[]> {
    const found = await Promise.all(objects.map((object) => this.scenario.bench.cluster.find(refOf(object))));
    return namesOf(objects.filter((_, index) => found[index] !== undefined));
  }
}

function namesOf(objects: readonly Manifest[]): readonly string[] {
  return objects.map((object) => describe(refOf(object)));
}
