import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** Where Linux says which ports it gives to outgoing connections. */
const EPHEMERAL_FILE = '/proc/sys/net/ipv4/ip_local_port_range';
/** What other systems do at their widest. */
const USUAL_EPHEMERAL: Range = { from: 32_768, to: 65_535 };
/** Below are the ports of well-known services. */
const LOWEST = 15_000;
const HIGHEST = 65_535;

/** Ports, both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Ports that are nobody else's until they are released. */
export interface PortBlock {
  readonly ports: readonly number[];
  /** Let others have them. */
  readonly release: () => void;
}

/**
 * Reserve `count` ports on loopback for programs that are started, stopped and started again.
 *
 * A port that is merely free now may be somebody's a second later: the system gives ports of its ephemeral range to every outgoing
 * connection. So these are from outside that range; and since a port of each block stays open, two benches never take the same
 * block, whatever process they are in.
 *
 * @throws when no block is free.
 */
export async function reservePorts(count: number): Promise<PortBlock> {
  const range = outside(ephemeralRange(), count + 1);
  const size = count + 1;
  const blocks = Math.floor((range.to - range.from + 1) / size);
  // Benches that start at once look in different places.
  const start = Math.floor(Math.random() * blocks);
  for (let tried = 0; tried < blocks; tried++) {
    const first = range.from + ((start + tried) % blocks) * size;
    const holder = await listen(first, '127.0.0.1');
    if (holder === undefined) continue;
    const ports = Array.from({ length: count }, (_, index) => first + 1 + index);
    if (await areFree(ports)) {
      // The ports are no reason to stay alive.
      holder.unref();
      return { ports, release: () => holder.close() };
    }
    holder.close();
  }
  throw new Error(`no ${size} free ports in a row from ${range.from} to ${range.to}`);
}

/** The ports that the system gives to outgoing connections. */
function ephemeralRange(): Range {
  if (!existsSync(EPHEMERAL_FILE)) return USUAL_EPHEMERAL;
  const [from = Number.NaN, to = Number.NaN] = readFileSync(EPHEMERAL_FILE, 'utf8')
    .trim()
    .split(/\s+/)
    .map(Number);
  return Number.isInteger(from) && Number.isInteger(to) ? { from, to } : USUAL_EPHEMERAL;
}

/** The larger part of the ports outside `ephemeral`; inside it where there are not `atLeast` outside. */
export function outside(ephemeral: Range, atLeast: number): Range {
  const sizeOf = ({ from, to }: Range): number => to - from + 1;
  const below = { from: LOWEST, to: ephemeral.from - 1 };
  const above = { from: Math.max(LOWEST, ephemeral.to + 1), to: HIGHEST };
  const larger = sizeOf(below) >= sizeOf(above) ? below : above;
  return sizeOf(larger) >= atLeast ? larger : { from: Math.max(LOWEST, ephemeral.from), to: ephemeral.to };
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  for (const port of ports) {
    // On all addresses, as some programs do.
    const server = await listen(port);
    if (server === undefined) return false;
    await new Promise((resolve) => server.close(resolve));
  }
  return true;
}

/** Listen on a port; undefined when somebody else does. */
function listen(port: number, host?: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      resolve(server);
    });
  });
}
