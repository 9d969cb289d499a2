import { BlockList, isIP } from 'node:net';

/** Hosts that answer with a machine's credentials (KAITO's list, kaito-project/kaito v0.12.0). */
const METADATA_HOSTS = new Set(['metadata.google.internal', 'metadata.google', 'instance-data.ec2.internal']);

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 128],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6');

/** What an input address is, for people. */
export const INPUT_URL = 'http:// or https:// with a public host';

/** Why data are not downloaded from `text`; undefined when they can be. Names are not resolved. */
export function inputUrlFault(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return 'is not an address';
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return `has the scheme ${url.protocol.slice(0, -1)}`;
  if (url.username !== '' || url.password !== '')
    return 'holds a user name or password, which would end up in Git';
  return hostFault(url.hostname.replace(/\.$/, ''));
}

function hostFault(host: string): string | undefined {
  const bare = host.replace(/^\[|\]$/g, '');
  const family = isIP(bare);
  if (family !== 0) {
    return PRIVATE.check(bare, family === 4 ? 'ipv4' : 'ipv6')
      ? `has the private address ${bare}`
      : undefined;
  }
  if (host === 'localhost' || host.endsWith('.localhost')) return 'points at the machine itself';
  return METADATA_HOSTS.has(host) ? `points at the metadata service ${host}` : undefined;
}
