import { equal, ok } from 'node:assert/strict';
import { hasWave, waveOf } from '../../../../src/gitops/order';
import type { Cluster } from '../cluster/cluster';
import { describe, refOf, type Manifest, type ObjectRef } from '../cluster/manifest';
import { isNotFound } from '../cluster/rest';
import type { AuditLog } from '../control-plane/audit';
import { ARGO_CD_NAMESPACE } from '../control-plane/argo-cd';
import { eventually, GivenUp } from '../process/eventually';
import type { AppliedFolder, RenderedCluster } from '../tree/rendered-tree';
import type { Delivery } from './delivery';
import type { GitRepository } from './git-repository';

const REFRESH = 'argocd.argoproj.io/refresh';
const SYNC_WAVE = 'argocd.argoproj.io/sync-wave';
const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options';
/** Kinds of which some come before the others of their wave: weights that are shared, the device plugin, the provisioner. */
const PREPARING: ReadonlySet<string> = new Set(['Job', 'DaemonSet']);

/** Longest that an Application may take on a very busy machine: it takes ten on a free one. */
const SYNC_SECONDS = 240;
const REFRESH_SECONDS = 90;

/** What Argo CD says of an Application. */
interface Application extends Manifest {
  readonly spec: { readonly source: { readonly path: string } };
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly health?: { readonly status?: string };
    readonly operationState?: { readonly phase?: string; readonly message?: string };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly resources?: readonly ResourceStatus[];
  };
}

interface ResourceStatus {
  readonly kind: string;
  readonly name: string;
  readonly status?: string;
  readonly health?: { readonly status?: string; readonly message?: string };
}

/** Argo CD, reading a Git repository through `file://`. */
export class ArgoCdDelivery implements Delivery {
  readonly name = 'Argo CD';

  constructor(
    private readonly cluster: Cluster,
    private readonly repository: GitRepository,
    private readonly audit: AuditLog,
  ) {}

  async install(rendered: RenderedCluster): Promise<void> {
    const { path } = engineOf(rendered);
    await this.cluster.kubectl(['apply', '--kustomize', this.repository.path(path)]);
  }

  /** An Application may be pruned meanwhile, since Argo CD also looks by itself. */
  async announce(): Promise<void> {
    const live = await this.cluster.list('argoproj.io/v1alpha1', 'Application', {
      namespace: ARGO_CD_NAMESPACE,
    });
    for (const { metadata } of live) {
      await this.#refresh(metadata.name, 'normal').catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }

  async settled(rendered: RenderedCluster, revision: string, seconds = SYNC_SECONDS): Promise<void> {
    for (const folder of rendered.folders) applicationOf(rendered, folder);
    const names = applicationsOf(rendered).map(({ metadata }) => metadata.name);
    const what = `Argo CD calls ${names.length} Applications Synced and Healthy at ${revision.slice(0, 8)}`;
    await eventually(what, seconds, async () => {
      const wrong: string[] = [];
      for (const name of names) {
        const application = await this.cluster.find<Application>(applicationRef(name));
        if (application === undefined) wrong.push(`${name} does not exist`);
        else if (!isThere(application, revision)) wrong.push(whatIsWrong(application));
      }
      equal(wrong.length, 0, wrong.join('\n'));
    });
  }

  /** Objects of a lower wave of our order were made before those of a higher one, as the API server saw it. */
  async orderWasKept(rendered: RenderedCluster): Promise<void> {
    for (const { objects } of rendered.folders) {
      const made = objects.map((object) => ({
        name: describe(refOf(object)),
        wave: wantedWave(object),
        at: this.audit.madeAt(refOf(object)),
      }));
      for (const earlier of made) {
        for (const later of made.filter(({ wave }) => wave > earlier.wave)) {
          ok(
            earlier.at < later.at,
            `${earlier.name} (wave ${earlier.wave}) was made at ${earlier.at}, ` +
              `not before ${later.name} (wave ${later.wave}) at ${later.at}`,
          );
        }
      }
    }
    return Promise.resolve();
  }

  /** Two refreshes without caches leave every Application Synced. */
  async findsNothingToChange(rendered: RenderedCluster): Promise<void> {
    const names = applicationsOf(rendered).map(({ metadata }) => metadata.name);
    for (const round of ['first', 'second']) {
      for (const name of names) await this.#refresh(name, 'hard');
      for (const name of names) await this.#isStillSynced(name, round);
    }
  }

  async #isStillSynced(name: string, round: string): Promise<void> {
    await eventually(`Argo CD has done the ${round} refresh of ${name}`, REFRESH_SECONDS, async () => {
      const application = await this.#get(name);
      equal(application.metadata.annotations?.[REFRESH], undefined, 'the request to refresh');
      const { sync, operationState } = application.status ?? {};
      if (sync?.status === 'Unknown') {
        // It could not compare, as happens on a starved machine: that says nothing, and it is asked again.
        await this.#refresh(name, 'hard');
        throw new Error(whatIsWrong(application));
      }
      if (sync?.status !== 'Synced' || (operationState?.phase ?? 'Succeeded') !== 'Succeeded')
        throw new GivenUp(whatIsWrong(application));
    });
  }

  async look(folder: AppliedFolder): Promise<void> {
    await this.#refresh((await this.#forFolder(folder)).metadata.name, 'normal');
  }

  /** Argo CD judges at each event and each look. */
  judgeWithin(): Promise<void> {
    return Promise.resolve();
  }

  async complaint(folder: AppliedFolder): Promise<string> {
    const application = await this.#forFolder(folder);
    const { status } = application.status?.health ?? {};
    return status === undefined || status === 'Healthy' ? '' : whatIsWrong(application);
  }

  keeps({ metadata }: Manifest): boolean {
    return /\bPrune=(confirm|false)\b/.test(metadata.annotations?.[SYNC_OPTIONS] ?? '');
  }

  async #forFolder(folder: AppliedFolder): Promise<Application> {
    const live = await this.cluster.list<Application>('argoproj.io/v1alpha1', 'Application', {
      namespace: ARGO_CD_NAMESPACE,
    });
    const application = live.find(({ spec }) => spec.source.path === folder.path);
    if (application === undefined) throw new Error(`no Application applies ${folder.path}`);
    return application;
  }

  #get(name: string): Promise<Application> {
    return this.cluster.get<Application>(applicationRef(name));
  }

  #refresh(name: string, kind: 'normal' | 'hard'): Promise<void> {
    return this.cluster.patch(applicationRef(name), { metadata: { annotations: { [REFRESH]: kind } } });
  }
}

/** The wave of an object in our order, whatever it says itself; only what prepares others says so itself. */
function wantedWave({ kind, metadata }: Manifest): number {
  if (hasWave(kind) && !PREPARING.has(kind)) return waveOf(kind);
  return Number(metadata.annotations?.[SYNC_WAVE] ?? waveOf(kind));
}

const applicationRef = (name: string): ObjectRef => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  name,
  namespace: ARGO_CD_NAMESPACE,
});

function engineOf({ engines, name }: RenderedCluster): AppliedFolder {
  if (engines.argocd === undefined) throw new Error(`nothing is rendered for Argo CD in cluster ${name}`);
  return engines.argocd;
}

function applicationsOf(rendered: RenderedCluster): readonly Application[] {
  return engineOf(rendered).objects.filter(({ kind }) => kind === 'Application') as Application[];
}

function applicationOf(rendered: RenderedCluster, folder: AppliedFolder): Application {
  const application = applicationsOf(rendered).find(({ spec }) => spec.source.path === folder.path);
  if (application === undefined) throw new Error(`no Application applies ${folder.path}`);
  return application;
}

function isThere({ status }: Application, revision: string): boolean {
  return (
    status?.sync?.status === 'Synced' &&
    status.sync.revision === revision &&
    status.health?.status === 'Healthy' &&
    // An Application that found everything in place has had nothing to do.
    (status.operationState?.phase ?? 'Succeeded') === 'Succeeded'
  );
}

/** What an Application lacks for `Synced` and `Healthy`, in Argo CD's words. */
function whatIsWrong({ status, metadata }: Application): string {
  const isWell = ({ status: sync, health }: ResourceStatus): boolean =>
    sync === 'Synced' && (health?.status ?? 'Healthy') === 'Healthy';
  const resources = (status?.resources ?? []).filter((resource) => !isWell(resource));
  return [
    `${metadata.name}: ${status?.sync?.status ?? 'no sync status'}, ${status?.health?.status ?? 'no health'}`,
    `operation: ${status?.operationState?.phase ?? 'none'} ${status?.operationState?.message ?? ''}`,
    ...(status?.conditions ?? []).map(({ type, message }) => `${type}: ${message}`),
    ...resources.map(
      ({ kind, name, status: sync, health }) =>
        `${kind}/${name}: ${sync ?? ''} ${health?.status ?? ''} ${health?.message ?? ''}`,
    ),
  ].join('\n');
}
