import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { Cluster } from '../cluster/cluster';
import type { ObjectRef } from '../cluster/manifest';
import { runCommand } from '../process/command';

const PACK_LIMIT_SECONDS = 60;

/**
 * Plays the part of Flux's source controller: serves a folder as tar.gz on loopback and says so in the status of a
 * GitRepository.
 */
export class ArtifactServer {
  readonly #artifacts = new Map<string, Buffer>();
  readonly #server: Server;

  private constructor(private readonly scratch: string) {
    this.#server = createServer((request, answer) => {
      const artifact = this.#artifacts.get(request.url ?? '');
      answer.writeHead(artifact === undefined ? 404 : 200).end(artifact);
    });
  }

  /** @param scratch folder for packed artifacts. */
  static async start(scratch: string): Promise<ArtifactServer> {
    const server = new ArtifactServer(scratch);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    // A check that fails must not keep the bench alive.
    server.#server.unref();
    return server;
  }

  /** Pack `folder` and make it the artifact of `source` at `revision`. */
  async publish(cluster: Cluster, source: ObjectRef, folder: string, revision: string): Promise<void> {
    const file = join(this.scratch, `${revision}.tar.gz`);
    await runCommand('tar', ['--exclude=.git', '-czf', file, '-C', folder, '.'], {
      limitSeconds: PACK_LIMIT_SECONDS,
    });
    const content = readFileSync(file);
    const path = `/${source.name}/${revision}.tar.gz`;
    this.#artifacts.set(path, content);
    const { port } = this.#server.address() as AddressInfo;
    const generation = (await cluster.get(source)).metadata.generation ?? 1;
    const now = new Date().toISOString();
    const status = {
      observedGeneration: generation,
      artifact: {
        path: path.slice(1),
        url: `http://127.0.0.1:${port}${path}`,
        revision: `main@sha1:${revision}`,
        digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
        lastUpdateTime: now,
        size: content.length,
      },
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'Succeeded',
          message: `stored artifact for revision ${revision}`,
          observedGeneration: generation,
          lastTransitionTime: now,
        },
      ],
    };
    await cluster.patch(source, { status }, 'status');
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }
}
