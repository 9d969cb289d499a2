import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** What the fake hub holds. */
export interface FakeModel {
  readonly id: string;
  readonly gated?: false | 'auto' | 'manual';
  readonly license?: string;
  /** Text of the files that may be fetched. */
  readonly files: Readonly<Record<string, string>>;
  /** Sizes of the files that must not be fetched. */
  readonly weights: Readonly<Record<string, number>>;
  /** Token without which the hub refuses. */
  readonly token?: string;
}

/** A hub on loopback with one model; it remembers what was asked of it. */
export class FakeHub {
  readonly requests: string[] = [];
  private readonly server: Server;

  constructor(private readonly model: FakeModel) {
    this.server = createServer((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      this.requests.push(path);
      const { token } = this.model;
      if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
        response.writeHead(401).end();
        return;
      }
      const body = this.answer(path);
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string): string | undefined {
    const { id, files, weights, gated = false, license } = this.model;
    const lower = path.toLowerCase();
    // The hub finds a model in any letter case and answers with its canonical one.
    if (lower === `/api/models/${id}/revision/main`.toLowerCase() || lower.endsWith(`/revision/${COMMIT}`)) {
      return JSON.stringify({
        id,
        sha: COMMIT,
        gated,
        cardData: { license },
        siblings: [
          ...Object.entries(files).map(([rfilename, text]) => ({ rfilename, size: text.length })),
          ...Object.entries(weights).map(([rfilename, size]) => ({ rfilename, size })),
        ],
      });
    }
    const file = Object.keys(files).find((each) =>
      lower.endsWith(`/resolve/${COMMIT}/${each}`.toLowerCase()),
    );
    return file === undefined ? undefined : files[file];
  }
}
