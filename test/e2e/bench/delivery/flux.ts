import { equal, ok } from 'node:assert/strict';
import type { Cluster } from '../cluster/cluster';
import { conditionOf, describe, refOf, type Event, type Manifest, type ObjectRef } from '../cluster/manifest';
import { FLUX_NAMESPACE } from '../control-plane/flux';
import { eventually } from '../process/eventually';
import type { AppliedFolder, RenderedCluster } from '../tree/rendered-tree';
import type { ArtifactServer } from './artifact-server';
import type { Delivery } from './delivery';
import type { GitRepository } from './git-repository';

const KUSTOMIZE = 'kustomize.toolkit.fluxcd.io/v1';
/** Longest that a Kustomization may take on a very busy machine; it takes ten seconds on a free one. */
const RECONCILED_SECONDS = 240;

interface Kustomization extends Manifest {
  readonly spec: { readonly path: string; readonly dependsOn?: readonly { readonly name: string }[] };
  readonly status?: {
    readonly lastAppliedRevision?: string;
    readonly lastHandledReconcileAt?: string;
    readonly history?: readonly { readonly firstReconciled: string; readonly lastReconciledStatus: string }[];
  };
}

/** Flux, reading artifacts that the bench serves in the source controller's place. */
export class FluxDelivery implements Delivery {
  readonly name = 'Flux';
  #source: ObjectRef | undefined;
  #requests = 0;
  /** When the last commit was announced, in milliseconds since 1970. */
  #announcedAt = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly repository: GitRepository,
    private readonly artifacts: ArtifactServer,
  ) {}

  async install(rendered: RenderedCluster, revision: string): Promise<void> {
    const { path, objects } = engineOf(rendered);
    const source = objects.find(({ kind }) => kind === 'GitRepository');
    if (source === undefined) throw new Error(`${path} has no GitRepository`);
    this.#source = refOf(source);
    await this.cluster.kubectl(['apply', '--kustomize', this.repository.path(path)]);
    await this.announce(revision);
  }

  async announce(revision: string): Promise<void> {
    if (this.#source === undefined) throw new Error('Flux is not installed yet');
    this.#announcedAt = Date.now();
    await this.artifacts.publish(this.cluster, this.#source, this.repository.folder, revision);
  }

  async settled(rendered: RenderedCluster, revision: string, seconds = RECONCILED_SECONDS): Promise<void> {
    for (const folder of rendered.folders) kustomizationOf(rendered, folder);
    const wanted = kustomizationsOf(rendered).map(({ metadata }) => metadata.name);
    await eventually(
      `Flux calls ${wanted.length} Kustomizations Ready at ${revision.slice(0, 8)}`,
      seconds,
      async () => {
        const live = await this.cluster.list<Kustomization>(KUSTOMIZE, 'Kustomization', {
          namespace: FLUX_NAMESPACE,
        });
        const wrong = wanted.flatMap((name) => {
          const kustomization = live.find(({ metadata }) => metadata.name === name);
          if (kustomization === undefined) return [`${name} does not exist`];
          const ready = conditionOf(kustomization, 'Ready');
          const applied = kustomization.status?.lastAppliedRevision ?? 'nothing applied';
          if (ready?.status === 'True' && applied.endsWith(revision)) return [];
          return [`${name}: ${applied}: ${ready?.reason ?? ''} ${ready?.message ?? ''}`];
        });
        equal(wrong.length, 0, wrong.join('\n'));
      },
    );
  }

  /** Each Kustomization was Ready for the first time no sooner than those it depends on. Conditions know the last time only. */
  async orderWasKept(rendered: RenderedCluster): Promise<void> {
    const readySince = async (name: string): Promise<number> => {
      const { status } = await this.#get(name);
      const successes = (status?.history ?? []).filter(
        ({ lastReconciledStatus }) => lastReconciledStatus === 'ReconciliationSucceeded',
      );
      ok(successes.length > 0, `${name} has been Ready`);
      return Math.min(...successes.map(({ firstReconciled }) => Date.parse(firstReconciled)));
    };
    for (const { metadata, spec } of kustomizationsOf(rendered)) {
      for (const { name } of spec.dependsOn ?? []) {
        ok(
          (await readySince(name)) <= (await readySince(metadata.name)),
          `${metadata.name} was ready before ${name}`,
        );
      }
    }
  }

  /** A second reconcile leaves every object as it is. */
  async findsNothingToChange(rendered: RenderedCluster): Promise<void> {
    for (const folder of rendered.folders) {
      const before = await Promise.all(folder.objects.map((object) => this.cluster.get(refOf(object))));
      await this.look(folder);
      for (const object of before) {
        const after = await this.cluster.get(refOf(object));
        equal(
          after.metadata.generation,
          object.metadata.generation,
          `generation of ${describe(refOf(object))}`,
        );
        equal(after.metadata.uid, object.metadata.uid, `uid of ${describe(refOf(object))}`);
      }
    }
  }

  async look(folder: AppliedFolder): Promise<void> {
    const { metadata } = await this.#forFolder(folder);
    const request = `e2e-${++this.#requests}`;
    await this.cluster.patch(kustomizationRef(metadata.name), {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': request } },
    });
    await eventually(`Flux reconciles ${metadata.name}`, RECONCILED_SECONDS, async () => {
      const { status } = await this.#get(metadata.name);
      equal(status?.lastHandledReconcileAt, request, 'the request that was handled last');
    });
  }

  /** Flux says nothing until a Kustomization's timeout is over. Its own source of truth says otherwise only at the next commit. */
  async judgeWithin(folder: AppliedFolder, seconds: number): Promise<void> {
    const { metadata } = await this.#forFolder(folder);
    await this.cluster.patch(kustomizationRef(metadata.name), { spec: { timeout: `${seconds}s` } });
  }

  /** The condition, or what `kubectl describe` shows of the time before Flux began to try again. */
  async complaint(folder: AppliedFolder): Promise<string> {
    const kustomization = await this.#forFolder(folder);
    const ready = conditionOf(kustomization, 'Ready');
    if (ready?.status === 'False') return `${ready.reason ?? ''}: ${ready.message ?? ''}`;
    if (ready?.status === 'True') return '';
    const events = await this.cluster.list<Event>('v1', 'Event', { namespace: FLUX_NAMESPACE });
    const [latest] = events
      .filter(({ type, involvedObject, lastTimestamp }) => {
        const isItsOwn = involvedObject.name === kustomization.metadata.name;
        return type === 'Warning' && isItsOwn && Date.parse(lastTimestamp ?? '') >= this.#announcedAt;
      })
      .sort((a, b) => Date.parse(b.lastTimestamp ?? '') - Date.parse(a.lastTimestamp ?? ''));
    return latest === undefined ? '' : `${latest.reason}: ${latest.message}`;
  }

  keeps({ metadata }: Manifest): boolean {
    return metadata.annotations?.['kustomize.toolkit.fluxcd.io/prune'] === 'disabled';
  }

  async #forFolder(folder: AppliedFolder): Promise<Kustomization> {
    const live = await this.cluster.list<Kustomization>(KUSTOMIZE, 'Kustomization');
    const kustomization = live.find(({ spec }) => spec.path === `./${folder.path}`);
    if (kustomization === undefined) throw new Error(`no Kustomization applies ${folder.path}`);
    return kustomization;
  }

  #get(name: string): Promise<Kustomization> {
    return this.cluster.get<Kustomization>(kustomizationRef(name));
  }
}

const kustomizationRef = (name: string): ObjectRef => ({
  apiVersion: KUSTOMIZE,
  kind: 'Kustomization',
  name,
  namespace: FLUX_NAMESPACE,
});

function engineOf({ engines, name }: RenderedCluster): AppliedFolder {
  if (engines.flux === undefined) throw new Error(`nothing is rendered for Flux in cluster ${name}`);
  return engines.flux;
}

function kustomizationsOf(rendered: RenderedCluster): readonly Kustomization[] {
  return engineOf(rendered).objects.filter(({ kind }) => kind === 'Kustomization') as Kustomization[];
}

function kustomizationOf(rendered: RenderedCluster, folder: AppliedFolder): Kustomization {
  const kustomization = kustomizationsOf(rendered).find(({ spec }) => spec.path === `./${folder.path}`);
  if (kustomization === undefined) throw new Error(`no Kustomization applies ${folder.path}`);
  return kustomization;
}
