import type { EnvVar } from 'kubernetes-types/core/v1';
import type { Group } from './contract';
import { shellQuote } from './shell';

/** Name of the variable with the pod's place in its group. */
export const POD_INDEX = 'POD_INDEX';

/** Variables of every pod of a group: its index, and the address that its engine announces. */
export function groupEnv({ indexLabel }: Group): EnvVar[] {
  return [
    { name: POD_INDEX, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexLabel}']` } } },
    { name: 'VLLM_HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  ];
}

/** The address of the leader of `group` as a word of a shell script. */
export function leaderWord({ leader }: Group): string {
  return 'address' in leader ? shellQuote(leader.address) : `"$${leader.variable}"`;
}

/**
 * `before`, the leader's address, and `after` as the command of an exec probe. The kubelet replaces no variables in
 * it, so that a shell has to where the address is in one.
 */
export function commandWithLeader(
  group: Group,
  before: readonly string[],
  flag: string,
  after: readonly string[] = [],
): string[] {
  const { leader } = group;
  if ('address' in leader) return [...before, `${flag}${leader.address}`, ...after];
  const words = [...before.map(shellQuote), `${flag}${leaderWord(group)}`, ...after.map(shellQuote)];
  return ['/bin/sh', '-c', `exec ${words.join(' ')}`];
}
