import fc from 'fast-check';
import { groupName } from '../../src/workload/groups/stateful-set';
import { nodeGroupName, withSuffix } from '../../src/workload/names';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/).filter((text) => text.length <= 63);

test('the name of a node group is a DNS label of at most 63 characters', () => {
  fc.assert(
    fc.property(label, label, (namespace, name) => {
      const group = nodeGroupName(namespace, name);
      expect(group).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
      expect(group.length).toBeLessThanOrEqual(63);
    }),
  );
});

test('different Workspaces have different node groups, also where hyphens could be read both ways', () => {
  fc.assert(
    fc.property(label, label, label, label, (namespace, name, otherNamespace, otherName) => {
      fc.pre(namespace !== otherNamespace || name !== otherName);
      expect(nodeGroupName(namespace, name)).not.toBe(nodeGroupName(otherNamespace, otherName));
    }),
  );
  expect(nodeGroupName('a', 'b-c')).not.toBe(nodeGroupName('a-b', 'c'));
  expect(nodeGroupName('a--b', 'c')).not.toBe(nodeGroupName('a', 'b--c'));
});

test('a name with a suffix keeps the suffix whole and stays within 63 characters', () => {
  fc.assert(
    fc.property(label, fc.stringMatching(/^[0-9a-f]{8}$/), (name, suffix) => {
      const result = withSuffix(name, suffix);
      expect(result.endsWith(`-${suffix}`)).toBe(true);
      expect(result.length).toBeLessThanOrEqual(63);
      expect(result).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
    }),
  );
});

test('the first group keeps its name when replicas are added', () => {
  expect([0, 1, 2].map((index) => groupName('chat', index))).toEqual([
    'chat',
    'chat-group-1',
    'chat-group-2',
  ]);
});
