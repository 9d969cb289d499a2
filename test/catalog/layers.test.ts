import fc from 'fast-check';
import { compressLayers, expandLayers } from '../../src/catalog/layers';
import type { LayerKind } from '../../src/catalog/model';

const kind = fc.constantFrom<LayerKind>('full', 'sliding', 'linear', 'mlp');

describe('compressLayers', () => {
  test('describes a repeated pattern once', () => {
    const pattern: LayerKind[] = ['sliding', 'sliding', 'full'];
    const blocks = compressLayers([...pattern, ...pattern, ...pattern, 'sliding']);
    expect(blocks).toEqual([
      {
        repeat: 3,
        layers: [
          { kind: 'sliding', count: 2 },
          { kind: 'full', count: 1 },
        ],
      },
      { repeat: 1, layers: [{ kind: 'sliding', count: 1 }] },
    ]);
  });

  test('describes equal layers as one run, however many', () => {
    expect(compressLayers(Array<LayerKind>(88).fill('full'))).toEqual([
      { repeat: 1, layers: [{ kind: 'full', count: 88 }] },
    ]);
  });

  test('loses no layer and no order', () => {
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 40 }), (kinds) => {
        expect(expandLayers(compressLayers(kinds))).toEqual(kinds);
      }),
    );
  });
});
