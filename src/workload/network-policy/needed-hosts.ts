import { adaptersOf } from '../adapters';
import { hasModel, type Decision, type NodeDecision } from '../decision';
import { imageVolumes } from '../image-volume';
import type { SharedRequest } from '../weights/shared/request';
import { isFromHub, weightsPlace, weightsReference } from '../weights/source';
import type { ClusterSpec } from '../../spec/normal';
import { registryHosts } from './registry-hosts';

/** A host by name, or by a pattern with asterisks, and a TCP port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const HTTPS_PORT = 443;
/** The hub, and the stores that it redirects downloads to (huggingface_hub 1.x, LFS and Xet). */
const HUB = [
  'huggingface.co',
  '*.huggingface.co',
  '*.hf.co',
  '*.xethub.hf.co',
  '*.gcp.cdn.hf.co',
  '*.aws.cdn.hf.co',
];

/** What the pods of `decision` fetch by themselves: weights, adapters, training data, and where they push results. */
export function neededHosts(decision: NodeDecision): HostPort[] {
  const { tuning } = decision.workspace;
  const hosts: string[] = [];
  const urls: URL[] = [];
  if (hasModel(decision)) {
    hosts.push(...weightsHosts(decision));
    const pulled =
      imageVolumes(decision.cluster) === 'default'
        ? []
        : adaptersOf(decision).flatMap(({ source }) => source.image ?? []);
    for (const image of pulled) hosts.push(...registryHosts(image));
  }
  for (const image of [tuning?.input.image, tuning?.output.image]) {
    if (image !== undefined) hosts.push(...registryHosts(image));
  }
  for (const url of tuning?.input.urls ?? []) if (URL.canParse(url)) urls.push(new URL(url));
  return distinctHosts([...hosts.map(withPort), ...urls.map(hostOfUrl)]);
}

/** Where the pods' weights are fetched from: the hub, or the registry that a step pulls from. */
function weightsHosts(decision: Decision): readonly string[] {
  if (isFromHub(decision)) return HUB;
  const place = weightsPlace(decision);
  const reference = weightsReference(decision);
  // The kubelet pulls what it mounts, and a Job of its own fills what is shared.
  if (place === 'image-volume' || place === 'claim' || reference === null) return [];
  return registryHosts(reference);
}

/** Where the Job that fills a shared volume fetches the weights from. */
export function sharedHosts({ weights }: SharedRequest): HostPort[] {
  const hosts = weights.reference === undefined ? HUB : registryHosts(weights.reference);
  return distinctHosts(hosts.map(withPort));
}

/** The proxies that reach everything outside; empty where pods reach it directly. */
export function proxyHosts({ egress }: Pick<ClusterSpec, 'egress'>): HostPort[] {
  const proxies = [egress.httpsProxy, egress.httpProxy].flatMap((proxy) => (proxy ? [new URL(proxy)] : []));
  return distinctHosts(proxies.map(hostOfUrl));
}

/** Each once, in the order of their names. */
export function distinctHosts(hosts: readonly HostPort[]): HostPort[] {
  const byText = new Map(hosts.map((host) => [`${host.host}:${host.port}`, host]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, host]) => host);
}

function withPort(text: string): HostPort {
  const [host = '', port] = text.split(':');
  return { host, port: port === undefined ? HTTPS_PORT : Number(port) };
}

function hostOfUrl({ hostname, port, protocol }: URL): HostPort {
  return { host: hostname, port: port === '' ? (protocol === 'https:' ? HTTPS_PORT : 80) : Number(port) };
}
