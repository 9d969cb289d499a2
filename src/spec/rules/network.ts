import { isIP } from 'node:net';
import { child } from '../fields';
import type { CallerProps, DestinationProps, NetworkProps } from '../network';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { DNS_SUBDOMAIN, isDnsSubdomain, isLabelKey, LABEL_KEY } from '../syntax/kubernetes-names';
import { checkDnsLabel } from './names';

const POD_FIELDS = ['namespace', 'namespaceLabels', 'podLabels'] as const;

/** Rules of who may call and what may be reached; `field` is the path of `network`. */
export function checkNetwork(network: Loose<NetworkProps> | undefined, field: string, report: Report): void {
  network?.callers?.forEach((caller, index) => {
    if (caller !== undefined) checkPeer(caller, child(`${field}.callers`, index), report);
  });
  network?.destinations?.forEach((destination, index) => {
    if (destination !== undefined) checkPeer(destination, child(`${field}.destinations`, index), report);
  });
}

function checkPeer(
  peer: Loose<CallerProps> & Pick<Loose<DestinationProps>, 'host'>,
  field: string,
  report: Report,
): void {
  if (report.isBroken(field)) return;
  const byPods = POD_FIELDS.some((name) => peer[name] !== undefined);
  const ways = [byPods, peer.cidr !== undefined, peer.host !== undefined].filter(Boolean).length;
  if (ways !== 1) {
    report.error('contradiction', field, ways === 0 ? 'names nobody' : 'names two things at once', {
      allowed: 'pods (namespace or namespaceLabels, podLabels), or a cidr, or for a destination a host',
      next: ways === 0 ? 'remove it, or say whom it is about' : 'make two entries of it',
    });
  }
  if (peer.namespace !== undefined && peer.namespaceLabels !== undefined) {
    report.error('contradiction', `${field}.namespaceLabels`, 'stands beside namespace', {
      next: 'keep one of them',
      atKey: true,
    });
  }
  checkDnsLabel(peer.namespace, `${field}.namespace`, report);
  for (const name of ['namespaceLabels', 'podLabels'] as const) {
    for (const key of Object.keys(peer[name] ?? {})) {
      if (isLabelKey(key)) continue;
      report.error('invalid-label', child(`${field}.${name}`, key), `${shown(key)} is not a key of a label`, {
        allowed: LABEL_KEY,
        atKey: true,
      });
    }
  }
  if (peer.cidr !== undefined && !isCidr(peer.cidr)) {
    report.error('invalid-value', `${field}.cidr`, `${shown(peer.cidr)} is not a range of addresses`, {
      allowed: 'an address, a slash and the number of its leading bits, such as 10.20.0.0/16',
      next:
        isIP(peer.cidr) > 0 ? `did you mean ${peer.cidr}/${isIP(peer.cidr) === 4 ? 32 : 128}?` : undefined,
    });
  }
  if (peer.host !== undefined) checkHost(peer.host, `${field}.host`, report);
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const version = isIP(address);
  return (
    version > 0 &&
    rest.length === 0 &&
    /^(0|[1-9][0-9]*)$/.test(bits) &&
    Number(bits) <= (version === 4 ? 32 : 128)
  );
}

function checkHost(host: string, field: string, report: Report): void {
  if (isIP(host) > 0) {
    report.error('invalid-value', field, `${shown(host)} is an address`, { next: 'write it as a cidr' });
    return;
  }
  // An asterisk stands for letters, digits and hyphens of one part.
  if (isDnsSubdomain(host.replaceAll('*', 'a')) && /[^*.]/.test(host)) return;
  report.error('invalid-name', field, `${shown(host)} is not a host name`, {
    allowed: `${DNS_SUBDOMAIN}; an asterisk stands for a part`,
    next: /[:/]/.test(host) ? 'leave scheme, path and port out; a port has a field of its own' : undefined,
  });
}
