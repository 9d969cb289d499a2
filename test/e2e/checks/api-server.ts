import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../bench/cluster/cluster';
import { describe, refOf, type Manifest } from '../bench/cluster/manifest';
import { RESTRICTED_NAMESPACE } from '../bench/surroundings/restricted-namespace';
import { namespacesFirst, workloadsOf } from '../bench/tree/fleet';

/** How long a second apply is tried while controllers are still writing to the objects. */
const QUIET_SECONDS = 60;
const PAUSE_MILLISECONDS = 1000;

/**
 * Prove that the API server accepts every field of every object, and warns of none. The engine's own objects are only offered: to
 * write them by hand would be an edit that the engine takes back.
 */
export async function acceptsEveryField(
  cluster: Cluster,
  objects: readonly Manifest[],
  engine: readonly Manifest[],
): Promise<void> {
  const applied = await cluster.apply(namespacesFirst(objects));
  equal(applied.length, objects.length, 'objects that the API server says it has applied');
  const offered = await cluster.apply(engine, { dryRun: true });
  equal(offered.length, engine.length, "the engine's objects that the API server says it would apply");
}

/**
 * Prove that applying again changes nothing: no generation moves, and the resource version stays the same. Controllers
 * write statuses meanwhile, so an object gets several tries for a quiet moment; an apply that changes something never has one.
 */
export async function secondApplyChangesNothing(
  cluster: Cluster,
  objects: readonly Manifest[],
): Promise<void> {
  let open = namespacesFirst(objects);
  const first = await cluster.apply(open);
  const generations = new Map(first.map((object) => [describe(refOf(object)), object.metadata.generation]));
  const deadline = Date.now() + QUIET_SECONDS * 1000;
  for (;;) {
    const before = await versions(cluster, open);
    const applied = await cluster.apply(open);
    const changed = new Set<string>();
    for (const object of applied) {
      const name = describe(refOf(object));
      equal(object.metadata.generation, generations.get(name), `generation of ${name} after a second apply`);
      if (object.metadata.resourceVersion !== before.get(name)) changed.add(name);
    }
    open = open.filter((object) => changed.has(describe(refOf(object))));
    if (open.length === 0 || Date.now() > deadline) break;
    await sleep(PAUSE_MILLISECONDS);
  }
  deepEqual(
    open.map((object) => describe(refOf(object))),
    [],
    'objects that every further apply changes',
  );
}

async function versions(
  cluster: Cluster,
  objects: readonly Manifest[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const live = await Promise.all(objects.map((object) => cluster.get(refOf(object))));
  return new Map(
    live.map((object, index) => [describe(refOf(objects[index] ?? object)), object.metadata.resourceVersion]),
  );
}

/**
 * Prove that every pod of these objects would be admitted where Pod Security's `restricted` is enforced: each is offered to the API
 * server in a namespace that enforces it. Warnings fail, too.
 */
export async function podsAreRestricted(cluster: Cluster, objects: readonly Manifest[]): Promise<void> {
  const pods = workloadsOf(objects).map(({ kind, metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      // A pod's name is its host name, too.
      name: [kind.toLowerCase(), metadata.namespace, metadata.name].join('-').slice(0, 63).replace(/-+$/, ''),
      namespace: RESTRICTED_NAMESPACE,
    },
    // Its own account is in its own namespace.
    spec: { ...spec.template.spec, serviceAccountName: 'default' },
  }));
  const admitted = await cluster.apply(pods, { dryRun: true });
  equal(admitted.length, pods.length, 'pods that the API server says it would admit');
}
