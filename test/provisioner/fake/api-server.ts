import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from './certificate';

/** A Lease on the wire. */
export interface WireLease {
  metadata: { namespace: string; name: string; resourceVersion?: string };
  spec: Record<string, unknown>;
}

const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const LEASE_FIELDS = [
  'holderIdentity',
  'leaseDurationSeconds',
  'leaseTransitions',
  'acquireTime',
  'renewTime',
];

/** As much of the Kubernetes API as the provisioner uses, on TLS: nodes, Leases with conflicts, Events. */
export class FakeApiServer {
  readonly leases = new Map<string, WireLease>();
  readonly events: unknown[] = [];
  nodes: unknown[] = [];
  readonly requests: string[] = [];
  /** Answered instead, when given. */
  refusal: { status: number; message: string } | undefined;
  #version = 0;
  readonly #certificate = makeCertificate();
  readonly #server: Server = createServer(this.#certificate, (request, response) => {
    void this.#serve(request, response);
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A kubeconfig for this server. */
  kubeconfig(server: string): string {
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'fake',
      clusters: [
        {
          name: 'fake',
          cluster: {
            server,
            'certificate-authority-data': Buffer.from(this.#certificate.cert).toString('base64'),
          },
        },
      ],
      users: [{ name: 'pod', user: { token: 'pod-token' } }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'pod' } }],
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '', 'http://fake');
    this.requests.push(`${request.method ?? ''} ${url.pathname}${url.search}`);
    const [status, body] =
      request.headers.authorization === 'Bearer pod-token'
        ? this.#answer(request.method ?? '', url, Buffer.concat(chunks).toString())
        : failure(401, 'Unauthorized');
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  #answer(method: string, url: URL, text: string): [number, unknown] {
    if (this.refusal) return failure(this.refusal.status, this.refusal.message);
    if (method === 'GET' && url.pathname === '/api/v1/nodes') {
      return url.searchParams.get('labelSelector') === 'kubernetes.azure.com/agentpool'
        ? [200, { apiVersion: 'v1', kind: 'NodeList', metadata: {}, items: this.nodes }]
        : failure(400, 'this test wants nodes of agent pools only');
    }
    if (method === 'POST' && /^\/api\/v1\/namespaces\/[\w-]+\/events$/.test(url.pathname)) {
      const event = JSON.parse(text) as unknown;
      this.events.push(event);
      return [201, event];
    }
    const lease = /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/([\w-]+)\/leases(?:\/([\w-]+))?$/.exec(
      url.pathname,
    );
    return lease ? this.#lease(method, lease[1] ?? '', lease[2], text) : failure(404, `no ${url.pathname}`);
  }

  #lease(method: string, namespace: string, name: string | undefined, text: string): [number, unknown] {
    if (method === 'GET') {
      const stored = this.leases.get(`${namespace}/${name ?? ''}`);
      return stored ? [200, stored] : failure(404, `leases "${name ?? ''}" not found`);
    }
    const lease = JSON.parse(text) as WireLease;
    const { acquireTime, renewTime } = lease.spec;
    const wrong =
      Object.keys(lease.spec).find((field) => !LEASE_FIELDS.includes(field)) ??
      [acquireTime, renewTime].find((value) => typeof value !== 'string' || !MICRO_TIME.test(value));
    if (wrong !== undefined) return failure(400, `strict decoding error: ${JSON.stringify(wrong)}`);
    const key = `${namespace}/${lease.metadata.name}`;
    const stored = this.leases.get(key);
    if (method === 'POST' && stored) return failure(409, 'already exists');
    if (method === 'PUT' && !stored) return failure(404, 'not found');
    if (method === 'PUT' && stored?.metadata.resourceVersion !== lease.metadata.resourceVersion) {
      return failure(409, 'the object has been modified');
    }
    lease.metadata.resourceVersion = String(++this.#version);
    this.leases.set(key, lease);
    return [method === 'POST' ? 201 : 200, lease];
  }
}

function failure(code: number, message: string): [number, unknown] {
  return [code, { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, message }];
}

/** A node of the agent pool `pool`, on the wire. */
export function wireNode(name: string, pool: string, gpus: number): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.azure.com/agentpool': pool } },
    spec: {},
    status: {
      allocatable: {
        cpu: '23500m',
        memory: '216Gi',
        ...(gpus > 0 ? { 'nvidia.com/gpu': String(gpus) } : {}),
      },
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    },
  };
}
