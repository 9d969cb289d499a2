import { createServer, type AddressInfo, type Server } from 'node:net';

/** Ask the system for `count` different free ports on loopback. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = [];
  try {
    for (let index = 0; index < count; index++) servers.push(await listen());
    return servers.map((server) => (server.address() as AddressInfo).port);
  } finally {
    // All are held until the last is known, so that no port is given twice.
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
