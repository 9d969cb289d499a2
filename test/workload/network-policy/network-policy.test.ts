import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { NetworkProps } from '../../../src/spec/network';
import type { WeightsProps } from '../../../src/spec/weights';
import type { Decision } from '../../../src/workload/decision';
import { addCallersPolicy, addGroupPolicy, checkNetwork } from '../../../src/workload/network-policy';
import { cluster, decision, inference, objectsOf, only, workspace } from '../fixtures';

const HUB =
  '*.aws.cdn.hf.co:443 *.gcp.cdn.hf.co:443 *.hf.co:443 *.huggingface.co:443 *.xethub.hf.co:443 huggingface.co:443';
const DNS = {
  to: [
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } },
    { ipBlock: { cidr: '169.254.20.10/32' } },
    { ipBlock: { cidr: '169.254.10.10/31' } },
  ],
  ports: [
    { port: 53, protocol: 'TCP' },
    { port: 53, protocol: 'UDP' },
  ],
};
const anywhere = (...ports: number[]) => ({
  to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16', '168.63.129.16/32'] } }],
  ports: ports.map((port) => ({ port, protocol: 'TCP' })),
});

function render(network: NetworkProps | undefined, changes: Partial<Decision> = {}) {
  const base = decision(changes);
  const of = { ...base, workspace: { ...base.workspace, ...(network !== undefined && { network }) } };
  return objectsOf((chart) => {
    addCallersPolicy(chart, of);
  });
}

function policy(network: NetworkProps | undefined, changes: Partial<Decision> = {}) {
  const { metadata, spec } = only(render(network, changes), 'NetworkPolicy') as unknown as NetworkPolicy;
  return { annotations: metadata?.annotations, types: spec?.policyTypes, ...spec };
}

describe('callers', () => {
  test('are all pods of the cluster, or everybody with a load balancer', () => {
    expect(policy(undefined).ingress).toEqual([
      { from: [{ namespaceSelector: {} }], ports: [{ port: 5000, protocol: 'TCP' }] },
    ]);
    const open = workspace({ service: { type: 'LoadBalancer' } });
    expect(policy(undefined, { workspace: open }).ingress).toEqual([
      { ports: [{ port: 5000, protocol: 'TCP' }] },
    ]);
  });

  test('that are named shut all others out', () => {
    const callers = [
      { namespace: 'frontend' },
      { namespaceLabels: { team: 'a' }, podLabels: { app: 'bot' } },
      { podLabels: { app: 'neighbour' } },
      { cidr: '10.20.0.0/16' },
    ];
    expect(policy({ callers }).ingress?.[0]?.from).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'frontend' } } },
      {
        namespaceSelector: { matchLabels: { team: 'a' } },
        podSelector: { matchLabels: { app: 'bot' } },
      },
      { podSelector: { matchLabels: { app: 'neighbour' } } },
      { ipBlock: { cidr: '10.20.0.0/16' } },
    ]);
  });

  test('are nobody when the list is empty', () => {
    expect(policy({ callers: [] })).not.toHaveProperty('ingress');
  });

  test('of a route, a pool and monitoring stay among the named ones', () => {
    const of = {
      workspace: workspace({
        operations: { route: {}, inferencePool: {}, monitoring: { namespace: 'observability' } },
      }),
      cluster: cluster({ gateway: { name: 'public', namespace: 'gateways' } }),
    };
    expect(policy({ callers: [] }, of).ingress?.[0]?.from).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateways' } } },
      { podSelector: { matchLabels: { 'slipway.dev/endpoint-picker': 'chat' } } },
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } } },
    ]);
  });

  test('of a tuning Job do not exist', () => {
    const tuning = {
      preset: { name: 'phi-3-mini-4k-instruct', modelAccessSecret: null, imagePullSecrets: [] },
      method: 'lora' as const,
      config: null,
      weights: { from: 'download' as const },
      input: { urls: ['https://data.example.com/a.json'] },
      output: { image: 'registry.example.com:5000/out:1' },
    };
    const { ingress, annotations } = policy(
      { destinations: [] },
      { workspace: workspace({ inference: null, tuning }) },
    );
    expect(ingress).toBeUndefined();
    expect(annotations?.['slipway.dev/egress-hosts']).toBe(
      `${HUB.replace(' huggingface', ' data.example.com:443 huggingface')} registry.example.com:5000`,
    );
  });
});

describe('destinations', () => {
  test('are everything unless they are named', () => {
    expect(policy(undefined)).toMatchObject({ types: ['Ingress'] });
    expect(policy(undefined).egress).toBeUndefined();
  });

  test('are DNS and what the pod fetches when none are named; the hosts stand where a person sees them', () => {
    const { types, egress, annotations } = policy({ destinations: [] });
    expect(types).toEqual(['Ingress', 'Egress']);
    expect(egress).toEqual([DNS, anywhere(443)]);
    expect(annotations).toEqual({ 'slipway.dev/egress-hosts': HUB });
  });

  test('hold no host when the weights are on a claim', () => {
    const of = {
      workspace: workspace({ inference: inference({ weights: { from: 'pvc', claimName: 'w' } }) }),
    };
    expect(policy({ destinations: [] }, of).egress).toEqual([DNS]);
  });

  test.each<[WeightsProps, string, string | undefined]>([
    [{ from: 'image' }, '1.35', '*.data.mcr.microsoft.com:443 mcr.microsoft.com:443'],
    [{ from: 'image', reference: 'registry.example.com:5000/w:1' }, '1.35', 'registry.example.com:5000'],
    [
      { from: 'image', format: 'image', reference: 'registry.example.com/w:1' },
      '1.34',
      'registry.example.com:443',
    ],
    // The kubelet pulls it, which no policy of pods is about.
    [{ from: 'image', format: 'image', reference: 'registry.example.com/w:1' }, '1.35', undefined],
    [{ from: 'sharedPvc', storageClassName: 'files' }, '1.35', undefined],
    [{ from: 'node' }, '1.35', undefined],
  ])('follow weights %o on Kubernetes %s', (weights, kubernetesVersion, hosts) => {
    const of = {
      cluster: cluster({ kubernetesVersion }),
      workspace: workspace({ inference: inference({ weights }) }),
    };
    expect(policy({ destinations: [] }, of).annotations?.['slipway.dev/egress-hosts']).toBe(hosts);
  });

  test('hold the registries of adapters that a step fetches, with the stores they redirect to', () => {
    const images = ['me.azurecr.io/a:1', '123.dkr.ecr.eu-west-1.amazonaws.com/a:1', 'library/a:1'];
    const adapters = images.map((image, index) => ({ name: `a${index}`, source: { image }, strength: null }));
    const of = {
      workspace: workspace({ inference: inference({ adapters, weights: { from: 'pvc', claimName: 'w' } }) }),
    };
    expect(policy({ destinations: [] }, of).annotations?.['slipway.dev/egress-hosts']?.split(' ')).toEqual([
      '*.blob.core.windows.net:443',
      '123.dkr.ecr.eu-west-1.amazonaws.com:443',
      'auth.docker.io:443',
      'me.azurecr.io:443',
      'prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com:443',
      'production.cloudflare.docker.com:443',
      'registry-1.docker.io:443',
    ]);
  });

  test('with addresses and pods are exact', () => {
    const destinations = [
      { cidr: '10.1.0.0/16' },
      { namespace: 'vectors', podLabels: { app: 'db' }, port: 6333 },
    ];
    expect(policy({ destinations }).egress).toEqual([
      DNS,
      { to: [{ ipBlock: { cidr: '10.1.0.0/16' } }] },
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'vectors' } },
            podSelector: { matchLabels: { app: 'db' } },
          },
        ],
        ports: [{ port: 6333, protocol: 'TCP' }],
      },
      anywhere(443),
    ]);
  });

  test.each([
    [
      'http://10.0.0.9:3128',
      { to: [{ ipBlock: { cidr: '10.0.0.9/32' } }], ports: [{ port: 3128, protocol: 'TCP' }] },
    ],
    [
      'http://squid.egress.svc.cluster.local:3128',
      { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'egress' } } }] },
    ],
    ['http://proxy.example.com:3128', anywhere(3128)],
  ])('are the proxy %s and nothing behind it', (httpsProxy, rule) => {
    expect(policy({ destinations: [] }, { cluster: cluster({ egress: { httpsProxy } }) }).egress).toEqual([
      DNS,
      rule,
    ]);
  });

  test('by name are for Cilium, which learns addresses from the answers of DNS', () => {
    const objects = render(
      { destinations: [{ host: '*.example.com', port: 8443 }] },
      { cluster: cluster({ networkPolicy: 'cilium' }) },
    );
    const closed = only(objects, 'NetworkPolicy')['spec'];
    expect(closed).toMatchObject({ policyTypes: ['Ingress', 'Egress'] });
    expect(closed).not.toHaveProperty('egress');
    expect(only(objects, 'CiliumNetworkPolicy')).toMatchObject({
      metadata: { name: 'chat-hosts' },
      spec: {
        endpointSelector: { matchLabels: { 'slipway.dev/workspace': 'chat' } },
        egress: [
          { toPorts: [{ rules: { dns: [{ matchPattern: '*' }] } }] },
          {
            toFQDNs: [
              ...['*.aws.cdn.hf.co', '*.gcp.cdn.hf.co', '*.hf.co', '*.huggingface.co', '*.xethub.hf.co'].map(
                (matchPattern) => ({ matchPattern }),
              ),
              { matchName: 'huggingface.co' },
            ],
            toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }],
          },
          {
            toFQDNs: [{ matchPattern: '*.example.com' }],
            toPorts: [{ ports: [{ port: '8443', protocol: 'TCP' }] }],
          },
        ],
      },
    });
  });

  test('by name without Cilium are said to be open to every address', () => {
    const named = (changes: Partial<Decision>) =>
      checkNetwork(
        decision({
          workspace: workspace({ network: { destinations: [{ host: 'a.example.com' }] } }),
          ...changes,
        }),
      );
    expect(named({})).toMatchObject([
      {
        severity: 'warning',
        code: 'hosts-not-enforced',
        field: 'network.destinations',
        message: expect.stringContaining('the ports of a.example.com are open to every address') as string,
      },
    ]);
    expect(named({ cluster: cluster({ networkPolicy: 'cilium' }) })).toEqual([]);
    expect(checkNetwork(decision({ workspace: workspace({ network: { destinations: [] } }) }))).toEqual([]);
  });
});

test('pods of a group reach each other where everything else is closed', () => {
  const peers = [{ podSelector: { matchLabels: { group: 'g' } } }];
  const rules = (network: NetworkProps) =>
    only(
      objectsOf((chart) => {
        addGroupPolicy(chart, decision({ workspace: workspace({ network }) }), 'peers', { group: 'g' });
      }),
      'NetworkPolicy',
    )['spec'];
  expect(rules({ destinations: [] })).toMatchObject({
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: peers }],
    egress: [{ to: peers }],
  });
  expect(rules({ callers: [] })).toMatchObject({ policyTypes: ['Ingress'] });
});

test("the cluster's lists hold where the Workspace gives none of its own", () => {
  const { defaults } = cluster();
  const network: NetworkProps = { callers: [{ namespace: 'a' }], destinations: [] };
  const of = { cluster: cluster({ defaults: { ...defaults, network } }) };
  expect(policy(undefined, of)).toMatchObject({ types: ['Ingress', 'Egress'] });
  const { ingress, types } = policy({ callers: [{ namespace: 'b' }] }, of);
  expect(types).toEqual(['Ingress', 'Egress']);
  expect(ingress?.[0]?.from).toEqual([
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'b' } } },
  ]);
});
