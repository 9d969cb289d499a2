// Kubernetes' own rules: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and .../labels/.

const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
/** Longest DNS label and longest value of a label (RFC 1123). */
export const LABEL_LENGTH = 63;
const SUBDOMAIN_LENGTH = 253;

export const DNS_LABEL =
  'lower case letters, digits and hyphens, a letter or digit at both ends, at most 63 characters';
export const DNS_SUBDOMAIN =
  'lower case letters, digits, hyphens and dots, a letter or digit at both ends, at most 253 characters';
export const LABEL_KEY =
  'an optional DNS prefix and a slash, then at most 63 letters, digits, hyphens, dots and underscores';
export const LABEL_VALUE =
  'at most 63 letters, digits, hyphens, dots and underscores, a letter or digit at both ends';

/** DNS-1123 label. */
export function isDnsLabel(name: string): boolean {
  return name.length <= LABEL_LENGTH && LABEL.test(name);
}

/** DNS-1123 subdomain. */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= SUBDOMAIN_LENGTH && SUBDOMAIN.test(name);
}

/** Key of a label or annotation. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  if (name.length > LABEL_LENGTH || !QUALIFIED.test(name)) return false;
  return slash === -1 || isDnsSubdomain(key.slice(0, slash));
}

/** Value of a label. */
export function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= LABEL_LENGTH && QUALIFIED.test(value));
}
