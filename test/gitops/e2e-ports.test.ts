import { createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { outside, reservePorts } from '../e2e/bench/process/ports';

/** Listen on a port of one's own, as the bench's programs do. */
async function listenOn(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });

test('ports of a bench can be listened on, again and again', async () => {
  const { ports, release } = await reservePorts(3);
  expect(new Set(ports).size).toBe(3);
  for (const port of [...ports, ...ports]) await close(await listenOn(port));
  release();
});

test('benches that start at once have no port in common', async () => {
  const blocks = await Promise.all(Array.from({ length: 12 }, () => reservePorts(14)));
  const ports = blocks.flatMap((block) => block.ports);
  expect(new Set(ports).size).toBe(ports.length);
  for (const { release } of blocks) release();
});

test('none is one that the system gives to outgoing connections, where others are left', () => {
  const port = fc.integer({ min: 1024, max: 65_535 });
  fc.assert(
    fc.property(port, port, fc.integer({ min: 1, max: 32 }), (one, other, atLeast) => {
      const ephemeral = { from: Math.min(one, other), to: Math.max(one, other) };
      const { from, to } = outside(ephemeral, atLeast);
      const isOutside = to < ephemeral.from || from > ephemeral.to;
      const isRoomOutside =
        ephemeral.from - 15_000 >= atLeast || 65_535 - Math.max(14_999, ephemeral.to) >= atLeast;
      expect(isOutside).toBe(isRoomOutside);
      expect(from).toBeGreaterThanOrEqual(15_000);
      expect(to).toBeLessThanOrEqual(65_535);
    }),
  );
});

test('takes Linux’ usual range for what it is', () => {
  expect(outside({ from: 32_768, to: 60_999 }, 15)).toEqual({ from: 15_000, to: 32_767 });
});
