import type { Report } from '../report';
import { shown } from '../shape/shown';
import { isPlaceholder } from '../syntax/image-reference';
import { DNS_LABEL, DNS_SUBDOMAIN, isDnsLabel, isDnsSubdomain } from '../syntax/kubernetes-names';

/** The name of an object that exists in the cluster, such as a Secret: a DNS-1123 subdomain. */
export function checkObjectName(name: string | undefined, field: string, report: Report): void {
  if (name === undefined || isDnsSubdomain(name)) return;
  if (isPlaceholder(name)) {
    report.error('placeholder', field, `${shown(name)} is a placeholder of the documentation`, {
      allowed: DNS_SUBDOMAIN,
      next: 'write the name of your own object, which has to be in the namespace',
    });
    return;
  }
  const near = name.toLowerCase().replaceAll('_', '-');
  report.error('invalid-name', field, `${shown(name)} is not a name of a Kubernetes object`, {
    allowed: DNS_SUBDOMAIN,
    next: isDnsSubdomain(near) ? `did you mean ${near}?` : undefined,
  });
}

/** Every name of a list, such as `imagePullSecrets`. */
export function checkObjectNames(
  names: readonly (string | undefined)[] | undefined,
  field: string,
  report: Report,
): void {
  names?.forEach((name, index) => {
    checkObjectName(name, `${field}[${index}]`, report);
  });
}

/** The name of a Workspace: it is that of its Service too, and so begins with a letter (RFC 1035). */
export function checkWorkspaceName(name: string | undefined, field: string, report: Report): void {
  if (name === undefined) return;
  if (isDnsLabel(name) && /^[a-z]/.test(name)) return;
  const long = name.length > 63 ? ` has ${name.length} characters:` : '';
  report.error('invalid-name', field, `${shown(name)}${long} is not a name of a Workspace`, {
    allowed: `${DNS_LABEL}; the first one a letter, since the Service has the same name`,
  });
}

/** A namespace, or the name of a Cluster. */
export function checkDnsLabel(name: string | undefined, field: string, report: Report): void {
  if (name === undefined || isDnsLabel(name)) return;
  report.error('invalid-name', field, `${shown(name)} is not a DNS label`, { allowed: DNS_LABEL });
}
