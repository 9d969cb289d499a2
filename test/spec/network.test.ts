import { clusterFromProps, workspaceFromProps } from '../../src/spec/from-props';
import type { NetworkProps } from '../../src/spec/network';

function problemsOf(network: unknown) {
  const { problems } = workspaceFromProps(
    'chat',
    { inference: { preset: { name: 'phi-4-mini-instruct' } }, network: network as NetworkProps },
    'prod/chat',
  );
  return problems.map(({ field, message }) => `${field}: ${message}`);
}

test('whoever may call, and whatever may be reached, is taken as it is', () => {
  expect(
    problemsOf({
      callers: [
        { namespace: 'a', podLabels: { app: 'x' } },
        { cidr: '10.0.0.0/8' },
        { cidr: '2001:db8::/32' },
      ],
      destinations: [
        { host: 'example.com' },
        { host: '*.example.com', port: 80 },
        { host: '*-a.example.com' },
      ],
    }),
  ).toEqual([]);
});

test.each<[string, unknown, string[]]>([
  ['nobody', { callers: [{}] }, ['network.callers[0]: names nobody']],
  [
    'two things at once',
    { destinations: [{ host: 'a.b', cidr: '10.0.0.0/8' }] },
    ['network.destinations[0]: names two things at once'],
  ],
  [
    'a namespace by name and labels',
    { callers: [{ namespace: 'a', namespaceLabels: { x: 'y' } }] },
    ['network.callers[0].namespaceLabels: stands beside namespace'],
  ],
  [
    'an address',
    { callers: [{ cidr: '10.0.0.1' }] },
    ['network.callers[0].cidr: "10.0.0.1" is not a range of addresses'],
  ],
  [
    'too many bits',
    { callers: [{ cidr: '10.0.0.1/33' }] },
    ['network.callers[0].cidr: "10.0.0.1/33" is not a range of addresses'],
  ],
  [
    'a URL',
    { destinations: [{ host: 'https://example.com' }] },
    ['network.destinations[0].host: "https://example.com" is not a host name'],
  ],
  [
    'only an asterisk',
    { destinations: [{ host: '*' }] },
    ['network.destinations[0].host: "*" is not a host name'],
  ],
  [
    'an address as host',
    { destinations: [{ host: '10.0.0.1' }] },
    ['network.destinations[0].host: "10.0.0.1" is an address'],
  ],
  [
    'a bad label key',
    { callers: [{ podLabels: { 'a b': 'c' } }] },
    ['network.callers[0].podLabels["a b"]: "a b" is not a key of a label'],
  ],
])('%s is refused', (_, network, expected) => {
  expect(problemsOf(network)).toEqual(expected);
});

test('a caller has no host and no port', () => {
  expect(problemsOf({ callers: [{ host: 'example.com' }] })[0]).toContain('network.callers[0].host');
});

test("hosts in a cluster's defaults that a plain NetworkPolicy cannot hold give one warning", () => {
  const problemsOfCluster = (networkPolicy: 'kubernetes' | 'cilium') =>
    clusterFromProps(
      'prod',
      { networkPolicy, defaults: { network: { destinations: [{ host: 'example.com' }] } } },
      'prod',
    ).problems.map(({ severity, field }) => `${severity} ${field}`);
  expect(problemsOfCluster('kubernetes')).toEqual(['warning defaults.network.destinations']);
  expect(problemsOfCluster('cilium')).toEqual([]);
});
