import { podNamePattern } from '../../src/workload/pod-names';
import { decision, groupDecision, workspace } from './fixtures';

const matches = (pattern: string, pod: string) => new RegExp(`^(?:${pattern})$`).test(pod);

test.each([
  ['chat-7d9f8b6c5d-x2x4z', true],
  ['chat-epp-7d9f8b6c5d-x2x4z', false],
  ['chat-large-7d9f8b6c5d-x2x4z', false],
  ['chat-large-0', false],
  ['my-chat-7d9f8b6c5d-x2x4z', false],
])('of one node: %s is a pod of chat: %s', (pod, expected) => {
  expect(matches(podNamePattern(decision()), pod)).toBe(expected);
});

/** Name of a pod as Kubernetes makes it: what it keeps of the ReplicaSet's name, and five letters. */
const podOf = (deployment: string, hash = '7d9f8b6c5d') => `${`${deployment}-${hash}-`.slice(0, 58)}x2x4z`;

test.each([1, 40, 46, 47, 50, 56, 57, 58, 63])(
  'of one node: pods of a Deployment whose name has %i characters are found, whatever Kubernetes cuts off',
  (length) => {
    const name = 'a'.repeat(length);
    const pattern = podNamePattern(decision({ workspace: workspace({ name }) }));
    expect(matches(pattern, podOf(name))).toBe(true);
    expect(matches(pattern, podOf(name, '5f6b'))).toBe(true);
    expect(matches(pattern, podOf(`b${name.slice(1)}`))).toBe(false);
  },
);

test.each([
  ['chat-0', true],
  ['chat-groups-0-1', true],
  ['chat-group-2-1', true],
  ['chat-epp-7d9f8b6c5d-x2x4z', false],
  ['chat-large-0', false],
])('of groups: %s is a pod of chat: %s', (pod, expected) => {
  expect(matches(podNamePattern(groupDecision()), pod)).toBe(expected);
});
