import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { HEALTH_RULES } from '../../src/gitops/engines/health';

test('the page for the platform team has the health rules that the tests execute', () => {
  const text = readFileSync(join(__dirname, '../../docs/argocd-health.yaml'), 'utf8');
  const { data } = parse(text) as { data: Record<string, string> };
  expect(data).toEqual(
    Object.fromEntries(HEALTH_RULES.map(({ group, kind, lua }) => [`resource.customizations.health.${group}_${kind}`, lua])),
  );
});
