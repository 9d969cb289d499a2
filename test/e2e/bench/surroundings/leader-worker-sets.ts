import type { Cluster } from '../cluster/cluster';
import { refOf, type Manifest } from '../cluster/manifest';

const API_VERSION = 'leaderworkerset.x-k8s.io/v1';
const NAME_LABEL = 'leaderworkerset.sigs.k8s.io/name';
const ROLE_LABEL = 'e2e.slipway.dev/role';
/** Generation of the LeaderWorkerSet that a StatefulSet was made from. */
const MADE_FROM = 'e2e.slipway.dev/made-from';

interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

interface LeaderWorkerSet extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly leaderWorkerTemplate: {
      readonly size?: number;
      readonly leaderTemplate?: Template;
      readonly workerTemplate: Template;
    };
  };
  readonly status?: { readonly observedGeneration?: number; readonly readyReplicas?: number };
}

interface StatefulSet extends Manifest {
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly readyReplicas?: number; readonly updatedReplicas?: number };
}

/**
 * Plays the controller of LeaderWorkerSets, which cannot be built here: as it does, it makes a StatefulSet of the leaders and
 * one of the workers of each group, and reports how many groups are ready. It rolls nothing out group by group.
 */
export async function leaderWorkerSets(cluster: Cluster): Promise<void> {
  for (const listed of await cluster.list<LeaderWorkerSet>(API_VERSION, 'LeaderWorkerSet')) {
    const set = { ...listed, apiVersion: API_VERSION, kind: 'LeaderWorkerSet' };
    if (set.metadata.deletionTimestamp !== undefined) continue;
    await bringUp(cluster, set);
  }
}

async function bringUp(cluster: Cluster, set: LeaderWorkerSet): Promise<void> {
  const { replicas = 1, leaderWorkerTemplate } = set.spec;
  const { size = 1, workerTemplate, leaderTemplate = workerTemplate } = leaderWorkerTemplate;
  const wanted = [
    statefulSet(set, set.metadata.name, 'leader', replicas, leaderTemplate),
    ...Array.from({ length: size > 1 ? replicas : 0 }, (_, group) =>
      statefulSet(set, `${set.metadata.name}-${group}`, 'worker', size - 1, workerTemplate),
    ),
  ];
  const live = await Promise.all(wanted.map((one) => cluster.find<StatefulSet>(refOf(one))));
  const stale = wanted.filter((one, index) => {
    const made = live[index]?.metadata.annotations?.[MADE_FROM];
    return made !== one.metadata.annotations?.[MADE_FROM];
  });
  await cluster.apply(stale);
  const isUp = (one: StatefulSet | undefined, count: number): boolean =>
    (one?.status?.readyReplicas ?? 0) >= count;
  const [leaders, ...workers] = live;
  const groups = Math.min(leaders?.status?.readyReplicas ?? 0, replicas);
  const ready = workers.every((one) => isUp(one, size - 1)) && stale.length === 0 ? groups : 0;
  if (set.status?.observedGeneration === set.metadata.generation && set.status?.readyReplicas === ready)
    return;
  await cluster.patch(
    refOf(set),
    {
      status: {
        observedGeneration: set.metadata.generation,
        replicas,
        readyReplicas: ready,
        updatedReplicas: ready,
        conditions: [
          {
            type: 'Available',
            status: ready >= replicas ? 'True' : 'False',
            reason: ready >= replicas ? 'AllGroupsReady' : 'GroupsNotReady',
            message: `${ready} of ${replicas} groups are ready`,
            lastTransitionTime: new Date().toISOString(),
          },
        ],
      },
    },
    'status',
  );
}

function statefulSet(
  set: LeaderWorkerSet,
  name: string,
  role: string,
  replicas: number,
  template: Template,
): Manifest {
  const { namespace, uid, generation } = set.metadata;
  const labels = { [NAME_LABEL]: set.metadata.name, [ROLE_LABEL]: name === set.metadata.name ? role : name };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      annotations: { [MADE_FROM]: String(generation) },
      ownerReferences: [
        {
          apiVersion: API_VERSION,
          kind: 'LeaderWorkerSet',
          name: set.metadata.name,
          uid: uid ?? '',
          controller: true,
        },
      ],
    },
    spec: {
      replicas,
      serviceName: set.metadata.name,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: {
        ...template,
        metadata: { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } },
      },
    },
  };
}
