import { createHash } from 'node:crypto';
import { LABEL_LENGTH } from '../spec/syntax/kubernetes-names';

const HASH_LENGTH = 8;

/** First hexadecimal digits of the SHA-256 of `content`. */
export function shortHash(content: string, length = HASH_LENGTH): string {
  return createHash('sha256').update(content).digest('hex').slice(0, length);
}

/** The hash of `content`, whatever the order of its keys: who sorts labels makes no other object. */
export function contentHash(content: unknown, length = HASH_LENGTH): string {
  return shortHash(JSON.stringify(content, sortedKeys), length);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `name` cut so that it ends in `-<suffix>` and has at most 63 characters. */
export function withSuffix(name: string, suffix: string): string {
  return `${name.slice(0, LABEL_LENGTH - suffix.length - 1).replace(/[-.]+$/, '')}-${suffix}`;
}

/**
 * Name of the nodes of one Workspace, unique in the cluster: `<namespace>--<name>`. A single hyphen would give
 * (`a`, `b-c`) and (`a-b`, `c`) the same name; parts that hold two hyphens themselves, and names that are too
 * long, end in a hash of both.
 */
export function nodeGroupName(namespace: string, name: string): string {
  const joined = `${namespace}--${name}`;
  if (joined.length <= LABEL_LENGTH && !namespace.includes('--') && !name.includes('--')) return joined;
  return withSuffix(joined, shortHash(`${namespace}/${name}`));
}
