import fc from 'fast-check';
import { binaryQuantity } from '../../src/workload/quantity';

const FACTORS: Readonly<Record<string, number>> = { '': 0, Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };

function parse(quantity: string): number {
  const [, digits = '', suffix = ''] = /^(\d+)(\D*)$/.exec(quantity) ?? [];
  return Number(digits) * 1024 ** (FACTORS[suffix] ?? NaN);
}

test.each([
  [0, '0'],
  [1000, '1000'],
  [1024, '1Ki'],
  [1536, '1536'],
  [150 * 1024 ** 3, '150Gi'],
  [1024 ** 4, '1Ti'],
])('%d bytes are written as Kubernetes prints them: %s', (bytes, quantity) => {
  expect(binaryQuantity(bytes)).toBe(quantity);
});

test('every quantity reads back as the same number of bytes, with no smaller number before its suffix', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.constantFrom(1, 1024, 1024 ** 2, 1024 ** 3), (count, unit) => {
      const bytes = (count * unit) % Number.MAX_SAFE_INTEGER;
      fc.pre(Number.isSafeInteger(count * unit));
      const quantity = binaryQuantity(bytes);
      expect(parse(quantity)).toBe(bytes);
      expect(parseInt(quantity, 10) % 1024 === 0 && bytes !== 0).toBe(false);
    }),
  );
});

test('what is no number of bytes is refused', () => {
  expect(() => binaryQuantity(1.5)).toThrow(RangeError);
  expect(() => binaryQuantity(-1)).toThrow(RangeError);
});
