import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { argocdHealthPack } from '../../../src/gitops/health';

test('the page for the platform team has the health checks that the tests execute', () => {
  const text = readFileSync(join(__dirname, '../../../docs/argocd-health.yaml'), 'utf8');
  const { data } = parse(text) as { data: Record<string, string> };
  expect(data).toEqual(argocdHealthPack());
});
