// Grammar: https://github.com/distribution/reference (domain, path, tag, digest).
const DOMAIN_PART = '(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])';
const DOMAIN = new RegExp(`^${DOMAIN_PART}(?:\\.${DOMAIN_PART})*(?::[0-9]+)?$`);
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const MAX_NAME_LENGTH = 255;
/** What documentation writes where the reader's own name belongs. */
const PLACEHOLDER = /(?:_|\b)HERE\b|\bYOUR[-_A-Z]|<[^>]*>|\$\{|\{\{|\bCHANGE_?ME\b/;

/** What an image reference is, for people. */
export const IMAGE_REFERENCE = 'registry/name:tag or registry/name@sha256:..., the name in lower case';

/** Why `reference` is not an image reference; undefined when it is one. */
export function imageReferenceFault(reference: string): string | undefined {
  if (PLACEHOLDER.test(reference)) return 'is a placeholder';
  return repositoryFault(reference) ?? undefined;
}

/** True for the names that documentation leaves to the reader, such as `ACR_REPO_HERE.azurecr.io/ADAPTER_HERE:0.0.1`. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text);
}

function repositoryFault(reference: string): string | undefined {
  const [named = '', digest, ...rest] = reference.split('@');
  if (rest.length > 0) return 'has more than one @';
  if (digest !== undefined && !DIGEST.test(digest)) return `has a malformed digest "${digest}"`;
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  if (hasTag && !TAG.test(named.slice(colon + 1))) return `has a malformed tag "${named.slice(colon + 1)}"`;
  return nameFault(hasTag ? named.slice(0, colon) : named);
}

function nameFault(name: string): string | undefined {
  if (name.length > MAX_NAME_LENGTH)
    return `has a name of ${name.length} characters; at most ${MAX_NAME_LENGTH} are allowed`;
  const components = name.split('/');
  const first = components[0] ?? '';
  if (components.length > 1 && (/[.:A-Z]/.test(first) || first === 'localhost')) {
    if (!DOMAIN.test(first)) return `has a malformed registry host "${first}"`;
    components.shift();
  }
  const wrong = components.find((component) => !PATH_COMPONENT.test(component));
  if (wrong === undefined) return undefined;
  if (PATH_COMPONENT.test(wrong.toLowerCase())) return `has upper case letters in "${wrong}"`;
  return wrong === '' ? 'has an empty part in its name' : `has a malformed part "${wrong}" in its name`;
}
