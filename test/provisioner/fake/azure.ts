import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestCertificate } from './certificate';
import { refusalOf, withDefaults, type Properties } from './pool-rules';
import { Throttle } from './throttle';

export const SUBSCRIPTION = '00000000-1111-2222-3333-444444444444';
export const TENANT = '99999999-8888-7777-6666-555555555555';
export const CLIENT = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
export const RESOURCE_GROUP = 'ml';
export const CLUSTER = 'prod';
export const FEDERATED_TOKEN = 'header.service-account.signature';

/** The AKS cluster that is there, and the identity that may work on it. */
export interface AzureTarget {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly cluster: string;
  readonly tenant: string;
  readonly client: string;
}

const DEFAULT_TARGET: AzureTarget = {
  subscription: SUBSCRIPTION,
  resourceGroup: RESOURCE_GROUP,
  cluster: CLUSTER,
  tenant: TENANT,
  client: CLIENT,
};

/** The time that Azure goes by. */
export interface AzureClock {
  now(): number;
  advance(milliseconds: number): void;
}

const API_VERSIONS = { containerService: '2026-04-01', skus: '2021-07-01', usages: '2024-07-01' };
const PAGE_SIZE = 20;

/** A node of Azure's error tree. */
export interface ErrorTree {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly ErrorTree[];
}

/** How a PUT of a pool goes wrong. */
export type Failure =
  /** The PUT is answered with `status`. */
  | {
      readonly at: 'request';
      readonly status: number;
      readonly error: ErrorTree;
      readonly headers?: Record<string, string>;
      readonly flat?: boolean;
    }
  /** The PUT is accepted, and the operation fails and leaves a Failed pool. */
  | {
      readonly at: 'operation';
      readonly error?: ErrorTree;
      readonly state?: 'Failed' | 'Canceled';
      readonly provisioningError?: ErrorTree;
    };

/** A request as the fake saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  status: number;
}

/** What a test does to a request: nothing, an answer of its own, or a broken connection. */
export type Interference =
  | undefined
  | 'drop-before'
  | 'drop-after'
  /** Never answered. */
  | 'hang'
  | { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> };

interface PoolRecord {
  properties: Properties;
  tag: number;
  provisioningState: string;
  provisioningError?: ErrorTree;
}

interface RunningOperation {
  readonly id: string;
  readonly pool: string;
  readonly endsAt: number;
  readonly failure?: Extract<Failure, { at: 'operation' }>;
  readonly kind: 'put' | 'delete';
  settled: boolean;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Azure Resource Manager and Entra ID for one AKS cluster, with state, on TLS. */
export class FakeAzure {
  readonly pools = new Map<string, PoolRecord>();
  readonly requests: SeenRequest[] = [];
  cluster: {
    provisioningState: string;
    powerState: { code: string };
    nodeProvisioningProfile?: { mode: string };
  } = {
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
  };
  /** `header`: Azure-AsyncOperation; `body`: the pool's own provisioningState is polled. */
  operationForm: 'header' | 'body' = 'header';
  operationMs = 90_000;
  /** By machine type: taken from the front, one for each PUT; the last stays when `sticky`. */
  readonly failures = new Map<string, { queue: Failure[]; sticky: boolean }>();
  interfere: (request: SeenRequest, index: number) => Interference = () => undefined;
  /** Called after a request was handled and before it is answered. */
  onHandled: (request: SeenRequest, index: number) => Promise<void> | void = () => undefined;
  skus: unknown[] = [];
  usages: unknown[] = [];
  mayDelete = true;
  mayReadCompute = true;
  /** Answers of the token endpoint before it gives a token. */
  readonly tokenErrors: { error: string; error_description: string }[] = [];
  /** Makes time pass for programs with a clock of their own. */
  msPerRequest = 0;

  readonly #operations = new Map<string, RunningOperation>();
  readonly #throttle: Throttle;
  readonly #server: Server;
  #counter = 0;

  /** Whether Entra ID takes this service account token in exchange for one of its own. */
  acceptsAssertion: (assertion: string) => boolean | Promise<boolean> = (assertion) =>
    assertion === FEDERATED_TOKEN;

  constructor(
    private readonly clock: AzureClock,
    certificate: TestCertificate,
    private readonly target: AzureTarget = DEFAULT_TARGET,
  ) {
    this.#throttle = new Throttle(() => clock.now());
    this.#server = createServer(certificate, (request, response) => {
      void this.#serve(request, response);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this.endpoint;
  }

  get endpoint(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Requests that change something, such as `PUT gpua`. */
  get writes(): string[] {
    return this.requests
      .filter(
        ({ method, path }) => (method === 'PUT' || method === 'DELETE') && path.includes('/agentPools/'),
      )
      .map(({ method, path }) => `${method} ${poolOf(path)}`);
  }

  /** Bodies of the accepted PUTs of `pool`. */
  bodies(pool: string): Properties[] {
    return this.requests
      .filter(({ method, path, status }) => method === 'PUT' && poolOf(path) === pool && status < 300)
      .map(({ body }) => (JSON.parse(body) as { properties: Properties }).properties);
  }

  fail(vmSize: string, ...queue: Failure[]): void {
    this.failures.set(vmSize, { queue, sticky: false });
  }

  failAlways(vmSize: string, failure: Failure): void {
    this.failures.set(vmSize, { queue: [failure], sticky: true });
  }

  /** A pool that is there before the program starts. */
  addPool(
    name: string,
    properties: Properties,
    provisioningState = 'Succeeded',
    provisioningError?: ErrorTree,
  ): void {
    this.pools.set(name, {
      properties: withDefaults({
        type: 'VirtualMachineScaleSets',
        mode: 'User',
        osType: 'Linux',
        enableAutoScaling: false,
        ...properties,
      }),
      tag: ++this.#counter,
      provisioningState,
      ...(provisioningError ? { provisioningError } : {}),
    });
  }

  /** Starts an operation on the cluster itself, which changes the eTag of every pool. */
  occupyCluster(provisioningState: string): void {
    this.cluster.provisioningState = provisioningState;
    for (const record of this.pools.values()) record.tag = ++this.#counter;
  }

  /** Starts an operation of someone else on `pool`. */
  occupy(pool: string, milliseconds: number): void {
    const id = `op${++this.#counter}`;
    this.#operations.set(id, {
      id,
      pool,
      endsAt: this.clock.now() + milliseconds,
      kind: 'put',
      settled: false,
    });
    const record = this.pools.get(pool);
    if (record) record.provisioningState = 'Updating';
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.clock.advance(this.msPerRequest);
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
      status: 0,
    };
    const index = this.requests.push(seen) - 1;
    const interference = this.interfere(seen, index);
    if (interference === 'hang') return;
    if (interference === 'drop-before') {
      request.socket.destroy();
      return;
    }
    const answer: Answer =
      typeof interference === 'object'
        ? interference
        : await this.#answer(seen, new URL(seen.path, this.endpoint));
    seen.status = answer.status;
    await this.onHandled(seen, index);
    if (interference === 'drop-after') {
      request.socket.destroy();
      return;
    }
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'x-ms-request-id': `request-${index}`,
      'x-ms-correlation-request-id': `correlation-${index}`,
      ...answer.headers,
    };
    response.writeHead(answer.status, headers);
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  async #answer(request: SeenRequest, url: URL): Promise<Answer> {
    this.#settle();
    if (url.pathname.startsWith(`/${this.target.tenant}/`)) return this.#identity(request, url);
    if (request.headers.authorization !== 'Bearer fake-access-token') {
      return error(
        401,
        'AuthenticationFailed',
        'Authentication failed. The Authorization header is missing.',
      );
    }
    const subscription = `/subscriptions/${this.target.subscription}`;
    if (!url.pathname.startsWith(`${subscription}/`)) {
      return error(404, 'SubscriptionNotFound', `The subscription could not be found: ${url.pathname}`);
    }
    const rest = url.pathname.slice(subscription.length);
    const version = url.searchParams.get('api-version');
    const expected = rest.endsWith('/skus')
      ? API_VERSIONS.skus
      : rest.endsWith('/usages')
        ? API_VERSIONS.usages
        : API_VERSIONS.containerService;
    if (version !== expected) {
      return error(
        400,
        version ? 'InvalidApiVersionParameter' : 'MissingApiVersionParameter',
        `api-version ${version ?? ''}`,
      );
    }
    if (rest.startsWith('/providers/Microsoft.Compute/')) return this.#compute(rest);
    const operation =
      /^\/providers\/Microsoft\.ContainerService\/locations\/westeurope\/(operations|operationresults)\/(\w+)$/.exec(
        rest,
      );
    if (operation?.[1] === 'operations') return this.#operation(operation[2] ?? '');
    if (operation) return this.#operationResult(operation[2] ?? '');
    const cluster = `/resourceGroups/${this.target.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/`;
    if (!rest.startsWith(cluster))
      return error(404, 'ResourceGroupNotFound', 'Resource group could not be found.');
    const [name, child, pool, ...more] = rest.slice(cluster.length).split('/');
    if (name !== this.target.cluster) {
      return error(
        404,
        'ResourceNotFound',
        `The Resource 'Microsoft.ContainerService/managedClusters/${name ?? ''}' was not found.`,
      );
    }
    const wait = this.#throttle.take(request.method === 'PUT' ? 'write' : 'other', pool ?? '');
    if (wait !== undefined) {
      return {
        ...error(429, 'Throttled', 'The request is being throttled.'),
        headers: { 'retry-after': String(wait) },
      };
    }
    if (child === undefined && request.method === 'GET') {
      return { status: 200, body: { id: rest, name, location: 'westeurope', properties: this.cluster } };
    }
    if (child !== 'agentPools' || more.length > 0) return error(404, 'NotFound', rest);
    if (pool === undefined) return this.#list(url);
    if (request.method === 'GET') return this.#get(pool);
    if (request.method === 'PUT') return this.#put(pool, request);
    if (request.method === 'DELETE') return this.#delete(pool, request, url);
    return error(405, 'MethodNotAllowed', request.method);
  }

  async #identity(request: SeenRequest, url: URL): Promise<Answer> {
    const { tenant, client } = this.target;
    if (url.pathname.endsWith('/.well-known/openid-configuration')) {
      const root = `${this.endpoint}/${tenant}`;
      return {
        status: 200,
        body: {
          issuer: `${root}/v2.0`,
          authorization_endpoint: `${root}/oauth2/v2.0/authorize`,
          token_endpoint: `${root}/oauth2/v2.0/token`,
          jwks_uri: `${root}/discovery/v2.0/keys`,
        },
      };
    }
    const form = new URLSearchParams(request.body);
    const failure = this.tokenErrors.shift();
    if (failure) return { status: 400, body: { ...failure, error_codes: [70021] } };
    const accepted =
      request.method === 'POST' &&
      url.pathname === `/${tenant}/oauth2/v2.0/token` &&
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_id') === client &&
      form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' &&
      /(^|\s)https:\S+\/\.default/.test(form.get('scope') ?? '') &&
      (await this.acceptsAssertion(form.get('client_assertion') ?? ''));
    return accepted
      ? {
          status: 200,
          body: {
            token_type: 'Bearer',
            expires_in: 86400,
            ext_expires_in: 86400,
            access_token: 'fake-access-token',
          },
        }
      : {
          status: 401,
          body: { error: 'invalid_client', error_description: 'AADSTS700016: application not found' },
        };
  }

  #compute(rest: string): Answer {
    if (!this.mayReadCompute)
      return error(403, 'AuthorizationFailed', 'The client does not have authorization to read.');
    return { status: 200, body: { value: rest.endsWith('/skus') ? this.skus : this.usages } };
  }

  #operation(id: string): Answer {
    const wait = this.#throttle.take('operation', '');
    if (wait !== undefined) {
      return { ...error(429, 'Throttled', 'Polling too fast.'), headers: { 'retry-after': String(wait) } };
    }
    const operation = this.#operations.get(id);
    if (!operation) return error(404, 'NotFound', `operation ${id}`);
    if (!operation.settled) return { status: 200, body: { name: id, status: 'InProgress' } };
    const { failure } = operation;
    return {
      status: 200,
      body: failure
        ? { name: id, status: failure.state ?? 'Failed', ...(failure.error ? { error: failure.error } : {}) }
        : { name: id, status: 'Succeeded' },
    };
  }

  /** What `Location` of a deletion points at: 202 while it runs, nothing after it. */
  #operationResult(id: string): Answer {
    const operation = this.#operations.get(id);
    if (!operation) return error(404, 'NotFound', `operation ${id}`);
    return { status: operation.settled ? 204 : 202 };
  }

  #list(url: URL): Answer {
    const names = [...this.pools.keys()].sort();
    const skip = Number(url.searchParams.get('$skiptoken') ?? 0);
    const page = names.slice(skip, skip + PAGE_SIZE);
    const next = new URL(url);
    next.searchParams.set('$skiptoken', String(skip + PAGE_SIZE));
    return {
      status: 200,
      body: {
        value: page.map((name) => this.#resource(name)),
        ...(skip + PAGE_SIZE < names.length ? { nextLink: next.toString() } : {}),
      },
    };
  }

  #get(name: string): Answer {
    return this.pools.has(name)
      ? { status: 200, body: this.#resource(name) }
      : error(404, 'NotFound', `Could not find the agentpool: ${name}`);
  }

  #put(name: string, request: SeenRequest): Answer {
    const existing = this.pools.get(name);
    const precondition = this.#precondition(name, request);
    if (precondition) return precondition;
    const busy = this.#busy();
    if (busy) return busy;
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
      return error(
        415,
        'UnsupportedMediaType',
        `The media type is ${request.headers['content-type'] ?? ''}.`,
      );
    }
    const { properties } = JSON.parse(request.body) as { properties?: Properties };
    if (!properties) return error(400, 'InvalidRequestContent', 'properties are missing');
    const refusal = refusalOf(name, properties, existing?.properties);
    if (refusal) return error(refusal.status, refusal.code, refusal.message);
    if (this.cluster.nodeProvisioningProfile?.mode === 'Auto' && properties['enableAutoScaling'] === true) {
      return error(
        400,
        'OperationNotAllowed',
        'No agent pool may have enableAutoScaling with node provisioning mode Auto.',
      );
    }
    const failure = this.#nextFailure(String(properties['vmSize']));
    if (failure?.at === 'request') {
      const body = failure.flat ? failure.error : { error: failure.error };
      return { status: failure.status, body, ...(failure.headers ? { headers: failure.headers } : {}) };
    }
    const state = existing ? 'Updating' : 'Creating';
    const running = existing?.properties['count'];
    this.pools.set(name, {
      properties: withDefaults({ ...(running === undefined ? {} : { count: running }), ...properties }),
      tag: ++this.#counter,
      provisioningState: state,
    });
    const headers = this.#begin(name, 'put', failure);
    return { status: existing ? 200 : 201, body: this.#resource(name), headers };
  }

  #delete(name: string, request: SeenRequest, url: URL): Answer {
    if (!this.mayDelete) {
      return error(
        403,
        'AuthorizationFailed',
        'The client does not have authorization to perform action agentPools/delete.',
      );
    }
    if (url.searchParams.get('ignore-pod-disruption-budget') === 'true') {
      return error(400, 'InvalidParameter', 'This test wants budgets respected.');
    }
    const pool = this.pools.get(name);
    if (!pool) return { status: 204 };
    const precondition = this.#precondition(name, request);
    if (precondition) return precondition;
    const busy = this.#busy();
    if (busy) return busy;
    pool.provisioningState = 'Deleting';
    pool.tag = ++this.#counter;
    return { status: 202, headers: this.#begin(name, 'delete', undefined) };
  }

  #precondition(name: string, request: SeenRequest): Answer | undefined {
    const match = request.headers['if-match'];
    const noneMatch = request.headers['if-none-match'];
    const pool = this.pools.get(name);
    if (match && noneMatch)
      return error(400, 'InvalidParameter', 'If-Match and If-None-Match exclude each other.');
    // Azure would accept this; a provisioner that writes without a condition is what these tests are against.
    if (!match && !noneMatch)
      return error(400, 'UnconditionalWrite', 'A write without If-Match or If-None-Match.');
    if (noneMatch === '*' && pool) return error(412, 'PreconditionFailed', 'The agent pool exists already.');
    if (match && match !== (pool && eTag(pool)))
      return error(412, 'EtagMismatch', 'The eTag is not the current one.');
    return undefined;
  }

  #busy(): Answer | undefined {
    const running = [...this.#operations.values()].find(({ settled }) => !settled);
    const { provisioningState } = this.cluster;
    if (!['Succeeded', 'Failed', 'Canceled'].includes(provisioningState)) {
      return error(
        409,
        'OperationNotAllowed',
        `Operation is not allowed: Another operation (${provisioningState}) is in progress, please wait for it to finish before starting a new operation.`,
      );
    }
    return running
      ? error(
          409,
          'OperationNotAllowed',
          `Operation is not allowed: Another agentpool operation (${running.pool} - Updating) is in progress, please wait for it to finish before starting a new operation.`,
        )
      : undefined;
  }

  #begin(pool: string, kind: 'put' | 'delete', failure: RunningOperation['failure']): Record<string, string> {
    const id = `op${++this.#counter}`;
    this.#operations.set(id, {
      id,
      pool,
      kind,
      endsAt: this.clock.now() + this.operationMs,
      settled: false,
      ...(failure ? { failure } : {}),
    });
    if (this.operationForm === 'body' && kind === 'put') return {};
    const at = (what: string) =>
      `${this.endpoint}/subscriptions/${this.target.subscription}/providers/Microsoft.ContainerService/locations/westeurope/${what}/${id}?api-version=${API_VERSIONS.containerService}`;
    return {
      'azure-asyncoperation': at('operations'),
      ...(kind === 'delete' ? { location: at('operationresults') } : {}),
    };
  }

  #settle(): void {
    for (const operation of this.#operations.values()) {
      if (operation.settled || operation.endsAt > this.clock.now()) continue;
      operation.settled = true;
      const pool = this.pools.get(operation.pool);
      if (operation.kind === 'delete') this.pools.delete(operation.pool);
      else if (pool) {
        pool.provisioningState = operation.failure ? (operation.failure.state ?? 'Failed') : 'Succeeded';
        pool.tag = ++this.#counter;
        const told = operation.failure?.provisioningError;
        if (told) pool.provisioningError = told;
        else delete pool.provisioningError;
      }
    }
  }

  #nextFailure(vmSize: string): Failure | undefined {
    const planned = this.failures.get(vmSize);
    return planned?.sticky ? planned.queue[0] : planned?.queue.shift();
  }

  #resource(name: string): unknown {
    const pool = this.pools.get(name);
    if (!pool) throw new Error(`no pool ${name}`);
    return {
      id: `/subscriptions/${this.target.subscription}/resourceGroups/${this.target.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${this.target.cluster}/agentPools/${name}`,
      name,
      type: 'Microsoft.ContainerService/managedClusters/agentPools',
      properties: {
        ...pool.properties,
        eTag: eTag(pool),
        provisioningState: pool.provisioningState,
        ...(pool.provisioningError ? { status: { provisioningError: pool.provisioningError } } : {}),
      },
    };
  }
}

function eTag(pool: PoolRecord): string {
  return `"tag-${pool.tag}"`;
}

function poolOf(path: string): string {
  return /\/agentPools\/([^/?]+)/.exec(path)?.[1] ?? '';
}

function error(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } };
}
