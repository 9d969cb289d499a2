import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { POOLS_SCHEMA } from '../../src/provisioner/pools/schema';
import { readPools } from '../../src/provisioner/pools/read';
import { InvalidInputError, type Problem } from '../../src/spec/problem';
import { documentOf, Harness, pool } from './fake/harness';

function problemsOf(text: string): readonly Problem[] {
  try {
    readPools(text, 'pools.json');
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  return [];
}

const told = (text: string) => problemsOf(text).map(({ code, field }) => `${code} ${field}`);

test('a document is read from JSON and from YAML', () => {
  const document = documentOf([pool('gpua')]);
  expect(readPools(JSON.stringify(document), 'pools.json')).toEqual(document);
  expect(
    readPools(
      'schemaVersion: 1\ncluster: {subscriptionId: 00000000-1111-2222-3333-444444444444, resourceGroup: ml, name: prod}\nowner: fleet\npools: []\n',
      'pools.yaml',
    ),
  ).toMatchObject({ owner: 'fleet' });
});

test('environment variables replace the cluster, so that one tree serves several', () => {
  const text = JSON.stringify(documentOf([]));
  expect(
    readPools(text, 'p', { AKS_CLUSTER_NAME: 'staging', AZURE_RESOURCE_GROUP: 'rg2' }).cluster,
  ).toMatchObject({
    name: 'staging',
    resourceGroup: 'rg2',
  });
});

test('every problem is found at once, with line, column and what is allowed', () => {
  const text = `{
  "schemaVersion": 2,
  "cluster": { "subscriptionId": "mine", "resourceGroup": "ml", "name": "prod" },
  "owner": "fleet",
  "pools": [
    { "name": "GPU-a", "candidates": [{ "vmSize": "A100" }], "osSKU": "Windows", "colour": "red", "count": 1 }
  ]
}`;
  expect(problemsOf(text).map(({ code, field, position }) => ({ code, field, position }))).toEqual(
    expect.arrayContaining([
      {
        code: 'schema-version',
        field: 'schemaVersion',
        position: { file: 'pools.json', line: 2, column: 20 },
      },
      expect.objectContaining({ code: 'value', field: 'cluster.subscriptionId' }),
      { code: 'value', field: 'pools[0].name', position: { file: 'pools.json', line: 6, column: 15 } },
      expect.objectContaining({ code: 'value', field: 'pools[0].candidates[0].vmSize' }),
      expect.objectContaining({ code: 'value', field: 'pools[0].osSKU' }),
      expect.objectContaining({ code: 'unknown-field', field: 'pools[0].colour' }),
    ]),
  );
  expect(problemsOf(text).find(({ field }) => field === 'pools[0].osSKU')?.allowed).toContain('AzureLinux');
});

test.each<[string, object, string]>([
  ['no size', { count: undefined }, 'pool-size pools[0]'],
  ['two sizes', { autoscale: { min: 0, max: 1 }, count: 1 }, 'pool-size pools[0]'],
  [
    'bounds the wrong way round',
    { autoscale: { min: 3, max: 2 }, count: undefined },
    'autoscale-bounds pools[0].autoscale.min',
  ],
  [
    'a label of AKS',
    { labels: { 'kubernetes.azure.com/mode': 'x' } },
    'reserved-label pools[0].labels.kubernetes.azure.com/mode',
  ],
  ['a label with spaces', { labels: { team: 'a b' } }, 'label-value pools[0].labels.team'],
  ['a bad label key', { labels: { '-team': 'a' } }, 'label-key pools[0].labels.-team'],
  ['a taint without effect', { taints: ['sku=gpu'] }, 'taint pools[0].taints[0]'],
  ['an unknown effect', { taints: ['sku=gpu:Never'] }, 'taint pools[0].taints[0]'],
  [
    'a taint of AKS',
    { taints: ['kubernetes.azure.com/scalesetpriority=spot:NoSchedule'] },
    'reserved-taint pools[0].taints[0]',
  ],
  ['our own tag', { tags: { 'slipway-owner': 'me' } }, 'reserved-tag pools[0].tags.slipway-owner'],
  ['a tag with a slash', { tags: { 'a/b': 'c' } }, 'tag-name pools[0].tags.a/b'],
  [
    'a spot price without spot',
    { candidates: [{ vmSize: 'Standard_A', spotMaxPrice: 1 }] },
    'spot-only pools[0].candidates[0].spotMaxPrice',
  ],
  [
    'a candidate twice',
    { candidates: [{ vmSize: 'Standard_A' }, { vmSize: 'Standard_A' }] },
    'duplicate-candidate pools[0].candidates[1]',
  ],
])('a pool with %s is refused', (_what, change, expected) => {
  const text = JSON.stringify(documentOf([{ ...pool('gpua'), ...change }]));
  expect(told(text)).toEqual([expected]);
});

test('two pools of one name are refused', () => {
  expect(told(JSON.stringify(documentOf([pool('gpua'), pool('gpua')])))).toEqual([
    'duplicate-pool pools[1].name',
  ]);
});

test('a syntax error and a doubled key are told with their place', () => {
  expect(problemsOf('{"a": 1,\n "a": 2}')).toMatchObject([{ code: 'syntax', position: { line: 2 } }]);
});

test('the program prints every problem, touches nothing and ends with code 2', async () => {
  const harness = await Harness.start();
  const ran = await harness.run('apply', '{"schemaVersion": 1}');
  await harness.stop();
  expect(ran.exitCode).toBe(2);
  expect(ran.stderr).toContain('pools.json:1:1  error  field cluster is missing  missing-field');
  expect(ran.termination).toContain('field owner is missing');
  expect(harness.azure.requests).toEqual([]);
});

test('the published schema is the one that is checked with', () => {
  const file = join(__dirname, '..', '..', 'schemas', 'provisioner-pools.schema.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(POOLS_SCHEMA);
});
