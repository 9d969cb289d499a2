import fc from 'fast-check';
import { overlay } from '../../src/spec/overlay';
import type { WorkspaceProps } from '../../src/spec/workspace';

const chat: WorkspaceProps = {
  resource: { instanceType: ['Standard_NC24ads_A100_v4', 'Standard_NC40ads_H100_v5'] },
  inference: { preset: { name: 'phi-4-mini-instruct' }, replicas: 3 },
};

test('a field at any depth is replaced, and its siblings stay', () => {
  expect(overlay(chat, { inference: { replicas: 1 } }).inference).toEqual({
    preset: { name: 'phi-4-mini-instruct' },
    replicas: 1,
  });
});

test('arrays are replaced, not joined', () => {
  expect(
    overlay(chat, { resource: { instanceType: ['Standard_NC96ads_A100_v4'] } }).resource?.instanceType,
  ).toEqual(['Standard_NC96ads_A100_v4']);
});

test('nothing of the base is changed, and no change gives an equal copy', () => {
  const tree = fc.dictionary(fc.string(), fc.oneof(fc.integer(), fc.dictionary(fc.string(), fc.integer())), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(tree, tree, (base, changes) => {
      const before = structuredClone(base);
      overlay(base, changes);
      expect(base).toEqual(before);
      expect(overlay(base, {})).toEqual(base);
      expect(overlay(base, base)).toEqual(base);
    }),
  );
});
