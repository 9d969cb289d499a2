import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { KubernetesObjectApi } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { runCommand, type CommandOutput } from '../process/command';
import { describe, type Manifest, type ObjectRef } from './manifest';

/** Field manager of what the bench applies itself. */
const FIELD_MANAGER = 'slipway-e2e';
const KUBECTL_LIMIT_SECONDS = 180;
/** What kubectl says when its request never reached the API server. */
const UNCONNECTED = /Unable to connect to the server|TLS handshake timeout/;

/** How objects are applied. */
export interface ApplyOptions {
  /** @default accept nothing that the server warns of */
  readonly warnings?: 'fail' | 'ignore';
  /** Ask the server what it would do, and change nothing. @default false */
  readonly dryRun?: boolean;
}

/** The API server of a bench, and what the checks ask of it. */
export class Cluster {
  private constructor(
    readonly kubeconfig: string,
    private readonly kubectlPath: string,
    private readonly api: KubernetesObjectApi,
  ) {}

  static async connect(kubeconfig: string, kubectlPath: string): Promise<Cluster> {
    const { KubeConfig, KubernetesObjectApi } = await import('@kubernetes/client-node');
    const config = new KubeConfig();
    config.loadFromFile(kubeconfig);
    return new Cluster(kubeconfig, kubectlPath, KubernetesObjectApi.makeApiClient(config));
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
      objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'),
    );
    const answer = JSON.parse(stdout) as Manifest & { readonly items?: readonly Manifest[] };
    return answer.kind === 'List' ? (answer.items ?? []) : [answer];
  }

  /** Run kubectl against this cluster; once more where a starved machine did not let it connect. What the checks do can be repeated. */
  async kubectl(args: readonly string[], input = ''): Promise<CommandOutput> {
    const run = (): Promise<CommandOutput> =>
      runCommand(this.kubectlPath, [`--kubeconfig=${this.kubeconfig}`, ...args], {
        input,
        limitSeconds: KUBECTL_LIMIT_SECONDS,
      });
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Error) || !UNCONNECTED.test(error.message)) throw error;
      return run();
    }
  }

  /** The object, or undefined when there is none. */
  async find<T extends Manifest>(ref: ObjectRef): Promise<T | undefined> {
    try {
      const found: unknown = await answerOf(() => this.api.read(header(ref)));
      return found as T;
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
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
    const unset = undefined;
    const { namespace, labelSelector } = options;
    const answer = await answerOf(() =>
      this.api.list(apiVersion, kind, namespace, unset, unset, unset, unset, labelSelector),
    );
    const items: unknown = answer.items;
    return items as readonly T[];
  }

  /** JSON merge patch of an object, or of its status. */
  async patch(ref: ObjectRef, change: Readonly<Record<string, unknown>>, part?: 'status'): Promise<void> {
    const [group, version] = ref.apiVersion.split('/');
    await this.kubectl([
      'patch',
      version === undefined ? ref.kind : `${ref.kind}.${version}.${group ?? ''}`,
      ref.name,
      ...(ref.namespace === undefined ? [] : [`--namespace=${ref.namespace}`]),
      ...(part === undefined ? [] : [`--subresource=${part}`]),
      '--type=merge',
      `--field-manager=${FIELD_MANAGER}-edit`,
      `--patch=${JSON.stringify(change)}`,
    ]);
  }

  /** Delete an object; one that is not there is fine. */
  async delete(ref: ObjectRef): Promise<void> {
    try {
      const unset = undefined;
      await answerOf(() => this.api.delete(header(ref), unset, unset, unset, unset, 'Background'));
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 404) throw error;
    }
  }
}

function header({ apiVersion, kind, name, namespace }: ObjectRef): {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
} {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

/** What the API server refused, in its own words. */
class ApiError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(`the API server answers ${code}: ${message}`);
  }
}

/** The API server says 429 for a moment while it begins to serve a CRD. */
const PATIENCE_SECONDS = 20;

async function answerOf<T>(call: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_SECONDS * 1000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      if (refusal.code !== 429 || Date.now() > deadline) throw refusal;
    }
    await sleep(1000);
  }
}

function refusalOf(error: unknown): ApiError | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return undefined;
  const body = 'body' in error && typeof error.body === 'string' ? error.body : error.message;
  const said = /"message":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
  return new ApiError(error.code, said ?? body);
}
