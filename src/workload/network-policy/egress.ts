import { isIP } from 'node:net';
import type { NetworkPolicyEgressRule } from 'kubernetes-types/networking/v1';
import type { DestinationProps } from '../../spec/network';
import type { ClusterSpec } from '../../spec/normal';
import { distinctHosts, proxyHosts, type HostPort } from './needed-hosts';
import { anywhereRule, destinationRule, dnsRule } from './peers';

const HTTPS_PORT = 443;
/** `proxy.egress.svc`, with or without the cluster's domain. */
const SERVICE = /^[^.]+\.([^.]+)\.svc(\.|$)/;

/** What pods may reach, as rules of a NetworkPolicy, and as hosts for who knows such. */
export interface Egress {
  readonly rules: readonly NetworkPolicyEgressRule[];
  /** Every host by name, in order. */
  readonly hosts: readonly HostPort[];
}

/**
 * What pods may reach that need the hosts `needed`, when `destinations` are all that is named besides; hosts are rules where
 * nothing knows them by name.
 */
export function egressRules(
  cluster: ClusterSpec,
  needed: readonly HostPort[],
  destinations: readonly DestinationProps[],
): Egress {
  const named = destinations.filter(({ host }) => host === undefined);
  const given = destinations.flatMap(({ host, port }): HostPort[] =>
    host === undefined ? [] : [{ host, port: port ?? HTTPS_PORT }],
  );
  const proxies = proxyHosts(cluster);
  // Through a proxy nothing else is reached; what is named besides is what the proxy is not for.
  const all = distinctHosts([...(proxies.length > 0 ? proxies : needed), ...given]);
  const fixed = all.flatMap((host) => knownPlace(host) ?? []);
  const hosts = all.filter((host) => knownPlace(host) === null);
  const isByName = cluster.networkPolicy === 'cilium';
  const ports = [...new Set(hosts.map(({ port }) => port))].sort((a, b) => a - b);
  return {
    rules: [
      // Cilium learns the addresses of names from the answers, and so has a rule of its own for DNS.
      ...(isByName ? [] : [dnsRule()]),
      ...named.map(destinationRule),
      ...fixed.map(destinationRule),
      ...(isByName || ports.length === 0 ? [] : [anywhereRule(ports)]),
    ],
    hosts,
  };
}

/**
 * Where a host is, if that is known without looking it up: an address, or a Service of the cluster. A Service's port is
 * not that of its pods, which policies are about: every port of its namespace.
 */
function knownPlace({ host, port }: HostPort): DestinationProps | null {
  const bare = host.replace(/^\[|\]$/g, '');
  const version = isIP(bare);
  if (version > 0) return { cidr: `${bare}/${version === 4 ? 32 : 128}`, port };
  const namespace = SERVICE.exec(host)?.[1];
  return namespace === undefined ? null : { namespace };
}
