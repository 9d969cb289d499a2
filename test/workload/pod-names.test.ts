import { podNamePattern } from '../../src/workload/pod-names';
import { decision, groupDecision } from './fixtures';

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

test.each([
  ['chat-0', true],
  ['chat-groups-0-1', true],
  ['chat-group-2-1', true],
  ['chat-epp-7d9f8b6c5d-x2x4z', false],
  ['chat-large-0', false],
])('of groups: %s is a pod of chat: %s', (pod, expected) => {
  expect(matches(podNamePattern(groupDecision()), pod)).toBe(expected);
});
