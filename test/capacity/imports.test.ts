import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { NodePool } from '../../imports/karpenter.sh';
import { AksNodeClass } from '../../imports/karpenter.azure.com';

const IMPORTS = join(__dirname, '../../imports');

test('the constructs for CRDs make objects of their kind', () => {
  const chart = new Chart(new App(), 'test');
  new AksNodeClass(chart, 'class', { spec: { osDiskSizeGb: 100 } });
  new NodePool(chart, 'pool', {
    spec: {
      template: {
        spec: { nodeClassRef: { group: 'g', kind: 'k', name: 'n' }, requirements: [] },
      },
    },
  });
  expect(chart.toJson()).toMatchObject([
    { apiVersion: 'karpenter.azure.com/v1beta1', kind: 'AKSNodeClass', spec: { osDiskSizeGB: 100 } },
    { apiVersion: 'karpenter.sh/v1', kind: 'NodePool' },
  ]);
});

test('there are constructs for every CRD that is kept, but for three large ones', () => {
  const constructs = readdirSync(IMPORTS)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(IMPORTS, file), 'utf8'))
    .join('\n');
  const missing = new Set<string>();
  for (const folder of readdirSync(join(IMPORTS, 'crds'))) {
    for (const file of readdirSync(join(IMPORTS, 'crds', folder))) {
      const { spec } = JSON.parse(readFileSync(join(IMPORTS, 'crds', folder, file), 'utf8')) as {
        spec: { names: { kind: string } };
      };
      if (!constructs.includes(`kind: '${spec.names.kind}'`)) missing.add(spec.names.kind);
    }
  }
  expect([...missing].sort()).toEqual(['Application', 'ApplicationSet', 'LeaderWorkerSet']);
});
