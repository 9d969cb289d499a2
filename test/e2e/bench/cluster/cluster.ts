import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, type CommandOutput } from '../process/command';
import { describe, type Manifest, type ObjectRef } from './manifest';
import { isNotFound, Rest } from './rest';

/** Field manager of what the bench applies itself. */
const FIELD_MANAGER = 'slipway-e2e';
const KUBECTL_LIMIT_SECONDS = 120;
/** What kubectl says when its request did not reach the API server, or the answer did not come in time. */
const PASSING =
  /Unable to connect to the server|TLS handshake timeout|connection (refused|reset|lost)|unexpected EOF|etcdserver: |context deadline exceeded|timed out|Too Many Requests|currently unable to handle the request/;
const PATIENCE_SECONDS = 60;
const PAUSE_MILLISECONDS = 1000;

/** How objects are applied. */
export interface ApplyOptions {
  /** @default accept nothing that the server warns of */
  readonly warnings?: 'fail' | 'ignore';
  /** Ask the server what it would do, and change nothing. @default false */
  readonly dryRun?: boolean;
}

/** The API server of a bench, and what the checks ask of it. */
export class Cluster {
  readonly #rest: Rest;

  constructor(
    readonly kubeconfig: string,
    readonly kubectlPath: string,
  ) {
    this.#rest = new Rest(kubeconfig);
  }

  /** Close the connections to the API server. */
  disconnect(): void {
    this.#rest.close();
  }

  /**
   * Server-side apply with strict field validation.
   *
   * @returns the objects as the server then has them.
   * @throws with the server's answers, all of them.
   */
  async apply(objects: readonly Manifest[], options: ApplyOptions = {}): Promise<readonly Manifest[]> {
    if (objects.length === 0) return [];
    const { stdout } = await this.kubectl(
      [
        'apply',
        '--server-side',
        '--force-conflicts',
        '--validate=strict',
        `--field-manager=${FIELD_MANAGER}`,
        ...(options.warnings === 'ignore' ? [] : ['--warnings-as-errors']),
        ...(options.dryRun === true ? ['--dry-run=server'] : []),
        '--output=json',
        '--filename=-',
      ],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    );
    const answer = JSON.parse(stdout) as Manifest & { readonly items?: readonly Manifest[] };
    return answer.kind === 'List' ? (answer.items ?? []) : [answer];
  }

  /** Run kubectl against this cluster, again where a starved machine did not let it through. What the checks do can be repeated. */
  async kubectl(args: readonly string[], input = ''): Promise<CommandOutput> {
    const deadline = Date.now() + PATIENCE_SECONDS * 1000;
    for (;;) {
      try {
        return await runCommand(this.kubectlPath, [`--kubeconfig=${this.kubeconfig}`, ...args], {
          input,
          limitSeconds: KUBECTL_LIMIT_SECONDS,
        });
      } catch (error) {
        const said = error instanceof Error ? error.message : '';
        if (!PASSING.test(said) || Date.now() > deadline) throw error;
      }
      await sleep(PAUSE_MILLISECONDS);
    }
  }

  /** The object, or undefined when there is none. */
  async find<T extends Manifest>(ref: ObjectRef): Promise<T | undefined> {
    const path = await this.#rest.pathTo(ref);
    return ignoringNotFound(this.#rest.call<T>({ method: 'GET', path }));
  }

  /** @throws when there is none. */
  async get<T extends Manifest>(ref: ObjectRef): Promise<T> {
    const found = await this.find<T>(ref);
    if (found === undefined) throw new Error(`${describe(ref)} does not exist`);
    return found;
  }

  /** All objects of a kind; in all namespaces unless one is given. */
  async list<T extends Manifest>(
    apiVersion: string,
    kind: string,
    options: { readonly namespace?: string; readonly labelSelector?: string } = {},
  ): Promise<readonly T[]> {
    const { namespace, labelSelector } = options;
    const { items } = await this.#rest.call<{ readonly items: readonly T[] }>({
      method: 'GET',
      path: await this.#rest.pathOf({ apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) }),
      ...(labelSelector === undefined ? {} : { query: { labelSelector } }),
    });
    return items;
  }

  /**
   * Hear of all objects of a kind in a namespace, first as they are and then after every single change.
   *
   * @param hear is given the objects that there are then
   * @returns ends the watch; it throws what went wrong meanwhile
   */
  async watch(
    apiVersion: string,
    kind: string,
    namespace: string,
    hear: (objects: readonly Manifest[]) => void,
  ): Promise<() => void> {
    const path = await this.#rest.pathOf({ apiVersion, kind, namespace });
    const { items, metadata } = await this.#rest.call<{
      readonly items: readonly Manifest[];
      readonly metadata: { readonly resourceVersion: string };
    }>({ method: 'GET', path });
    const objects = new Map(items.map((object) => [object.metadata.name, object]));
    hear([...objects.values()]);
    return this.#rest.watch(path, metadata.resourceVersion, ({ type, object }) => {
      if (type === 'DELETED') objects.delete(object.metadata.name);
      else objects.set(object.metadata.name, object);
      hear([...objects.values()]);
    });
  }

  /**
   * JSON merge patch of an object, or of its status.
   *
   * @throws ApiError when the server refuses, or there is no such object.
   */
  async patch(ref: ObjectRef, change: Readonly<Record<string, unknown>>, part?: 'status'): Promise<void> {
    const path = await this.#rest.pathTo(ref);
    await this.#rest.call({
      method: 'PATCH',
      path: part === undefined ? path : `${path}/${part}`,
      query: { fieldManager: `${FIELD_MANAGER}-edit` },
      body: change,
    });
  }

  /** Delete an object; one that is not there is fine. @param graceSeconds 0 for a pod that no kubelet will end */
  async delete(ref: ObjectRef, graceSeconds?: number): Promise<void> {
    const body = {
      propagationPolicy: 'Background',
      ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
    };
    await ignoringNotFound(this.#rest.call({ method: 'DELETE', path: await this.#rest.pathTo(ref), body }));
  }
}

async function ignoringNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
