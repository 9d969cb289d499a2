import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WAVES } from '../../src/gitops/order';
import { outcomesTable } from '../e2e/scenarios/outcomes';

const page = readFileSync(join(__dirname, '../../docs/gitops.md'), 'utf8');
/** The page with tables as they are written, not as they are aligned. */
const bare = page.replace(/ *\| */g, '|').replace(/-{3,}/g, '---');

test('the page for the platform team has the order that is rendered', () => {
  const waves = [...new Set(WAVES.map(({ wave }) => wave))];
  const rows = waves.map((wave) => {
    const kinds = WAVES.filter((row) => row.wave === wave).flatMap((row) => row.kinds);
    return `|${wave}|${kinds.join(', ')}|`;
  });
  for (const row of rows) expect(bare).toContain(row);
});

test('it tells of each change what the bench sees', () => {
  expect(bare).toContain(outcomesTable().replace(/ *\| */g, '|'));
});
