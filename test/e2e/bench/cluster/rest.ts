import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { describe, type Manifest, type ObjectRef } from './manifest';

/** What the API server answers when it refuses. */
class ApiError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(`the API server answers ${code}: ${message}`);
  }
}

/** Whether the API server said that there is no such object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** One request. */
export interface Call {
  readonly method: 'GET' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A change that a watch tells of. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'ERROR';
  readonly object: Manifest;
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The API server says 429 for a moment while it begins to serve a CRD; on a starved machine etcd may answer it late, or a connection break. */
const PATIENCE_SECONDS = 60;
const PASSING_CODES = new Set([429, 503, 504]);
/** What a 500 quotes when etcd took its time. */
const LATE_ETCD = /etcdserver: |context deadline exceeded/;
const TIMEOUT_MILLISECONDS = 60_000;
/** A connection that the server has given up. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ETIMEDOUT']);

/**
 * The API server over connections that stay open: the bench asks some dozens of times a second, and a TLS handshake each time
 * would cost more than the answer. Objects come as they are on the wire.
 */
export class Rest {
  readonly #agent: Agent;
  readonly #url: URL;
  readonly #token: string;
  readonly #resources = new Map<string, readonly ApiResource[]>();

  constructor(kubeconfig: string) {
    const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as {
      readonly clusters: readonly [
        { readonly cluster: { readonly server: string; readonly 'certificate-authority': string } },
      ];
      readonly users: readonly [{ readonly user: { readonly token: string } }];
    };
    const { server, 'certificate-authority': authority } = clusters[0].cluster;
    this.#url = new URL(server);
    this.#token = users[0].user.token;
    this.#agent = new Agent({ keepAlive: true, ca: readFileSync(authority) });
  }

  /** Close the connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** Path of the objects of a kind; in all namespaces unless one is given. */
  async pathOf({ apiVersion, kind, namespace }: Omit<ObjectRef, 'name'>): Promise<string> {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const resource = await this.#resource(base, kind);
    const place = resource.namespaced && namespace !== undefined ? `/namespaces/${namespace}` : '';
    return `${base}${place}/${resource.name}`;
  }

  /** Path of one object. */
  async pathTo(ref: ObjectRef): Promise<string> {
    const path = await this.pathOf(ref);
    if (ref.namespace === undefined && path.includes('/namespaces/'))
      throw new Error(`${describe(ref)} needs a namespace`);
    return `${path}/${ref.name}`;
  }

  /** @throws ApiError when the server refuses */
  async call<T>(call: Call): Promise<T> {
    const deadline = Date.now() + PATIENCE_SECONDS * 1000;
    for (;;) {
      try {
        return (await this.#send(call)) as T;
      } catch (error) {
        if (!isPassing(error) || Date.now() > deadline) throw error;
      }
      await sleep(500);
    }
  }

  /**
   * Hear of every change of the objects at `path` that comes after `resourceVersion`, in their order.
   *
   * @returns ends the watch; it throws what went wrong meanwhile
   */
  watch(path: string, resourceVersion: string, hear: (event: WatchEvent) => void): () => void {
    const url = new URL(path, this.#url);
    url.search = new URLSearchParams({ watch: '1', resourceVersion }).toString();
    let isOver = false;
    let failure: Error | undefined;
    const fail = (error: Error): void => {
      if (!isOver) failure ??= error;
    };
    const sent = request(
      url,
      { agent: this.#agent, headers: { accept: 'application/json', authorization: `Bearer ${this.#token}` } },
      (answer) => {
        if (answer.statusCode !== 200) fail(new ApiError(answer.statusCode ?? 0, `no watch of ${path}`));
        const lines = createInterface({ input: answer });
        lines.on('line', (line) => {
          const event = JSON.parse(line) as WatchEvent;
          if (event.type === 'ERROR') fail(new Error(`the watch of ${path}: ${line}`));
          else if (!isOver) hear(event);
        });
        // It passes the errors of its input on.
        lines.on('error', fail);
        answer.on('error', fail);
        answer.on('end', () => {
          fail(new Error(`the API server ended the watch of ${path}`));
        });
      },
    );
    sent.on('error', fail);
    sent.end();
    return () => {
      isOver = true;
      sent.destroy();
      if (failure !== undefined) throw failure;
    };
  }

  async #resource(base: string, kind: string): Promise<ApiResource> {
    let known = this.#resources.get(base);
    if (known?.some((resource) => resource.kind === kind) !== true) {
      const { resources } = await this.call<{ resources: readonly ApiResource[] }>({
        method: 'GET',
        path: base,
      });
      known = resources;
      this.#resources.set(base, resources);
    }
    const found = known.find((resource) => resource.kind === kind && !resource.name.includes('/'));
    if (found === undefined) throw new Error(`the API server knows no ${kind} in ${base}`);
    return found;
  }

  #send({ method, path, query = {}, body }: Call): Promise<unknown> {
    const url = new URL(path, this.#url);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method,
          agent: this.#agent,
          timeout: TIMEOUT_MILLISECONDS,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${this.#token}`,
            ...(text === undefined
              ? {}
              : {
                  'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
                  // Node says no length by itself for a DELETE.
                  'content-length': Buffer.byteLength(text),
                }),
          },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const said = Buffer.concat(chunks).toString();
            const code = answer.statusCode ?? 0;
            if (code >= 200 && code < 300) resolve(JSON.parse(said));
            else reject(new ApiError(code, messageOf(said)));
          });
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)));
      sent.on('error', reject);
      sent.end(text);
    });
  }
}

/** Whether the same request may well succeed in a moment. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return BROKEN.has(codeOf(error));
  return PASSING_CODES.has(error.code) || (error.code === 500 && LATE_ETCD.test(error.message));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The message of a `Status`, or the text as it is. */
function messageOf(said: string): string {
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(said)?.[1] ?? said;
}
