import { clusterFromProps } from '../../src/spec/from-props';
import { marked, readText } from './marked';

const cluster = (spec: string) =>
  `apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nmetadata:\n  name: prod\nspec:\n${spec}`;

describe('a Cluster', () => {
  it('without props has every default', () => {
    const { spec, problems } = clusterFromProps('prod', {}, 'fleet/prod');
    expect(problems).toEqual([]);
    expect(spec).toEqual({
      name: 'prod',
      cloud: 'azure',
      region: null,
      nodeProvisioning: { kind: 'karpenter' },
      gitOps: 'argocd',
      kubernetesVersion: '1.32',
      clusterDomain: 'cluster.local',
      imageRegistry: null,
      imagePullSecrets: [],
      egress: {},
      secrets: {},
      machineTypes: null,
      allowedLicenses: null,
      defaults: {
        namespace: 'default',
        image: { kind: 'slipway' },
        modelAccessSecret: null,
        gpuMemoryUtilization: null,
        multiNodeWorkload: 'StatefulSet',
        labels: {},
        pod: {},
      },
      at: expect.any(Function) as unknown,
    });
  });

  it('is the same from YAML and from TypeScript', () => {
    const props = {
      cloud: 'aws',
      region: 'us-east-1',
      nodeProvisioning: { kind: 'karpenter', aws: { role: 'nodes' } },
      gitOps: 'flux',
      kubernetesVersion: '1.33',
      egress: {
        httpsProxy: 'http://proxy.example.com:3128',
        noProxy: ['10.0.0.0/8'],
        caBundle: { configMap: 'ca' },
      },
      defaults: { image: { kind: 'vllm' }, namespace: 'models', labels: { team: 'a' } },
    } as const;
    const fromProps = clusterFromProps('prod', props, 'fleet/prod');
    const fromYaml = readText(cluster('').replace('spec:\n', `spec: ${JSON.stringify(props)}\n`));
    expect(fromYaml.problems).toEqual([]);
    expect({ ...fromYaml.cluster, at: undefined }).toEqual({ ...fromProps.spec, at: undefined });
  });

  it('answers for its fields with their places', () => {
    const { text, line, column } = marked(cluster('  egress:\n    httpProxy: ¦http://proxy.example.com\n'));
    expect(readText(text).cluster?.at('egress.httpProxy').position).toEqual({ file: 'w.yaml', line, column });
  });

  it.each([
    [
      'a version that is no text',
      '  kubernetesVersion: ¦1.30\n',
      'wrong-type',
      'kubernetesVersion',
      /number 1\.3\b/,
    ],
    [
      'a version of three parts',
      '  kubernetesVersion: ¦"1.33.1"\n',
      'invalid-value',
      'kubernetesVersion',
      /1\.33\.1/,
    ],
    ['an unknown cloud', '  cloud: ¦azur\n', 'invalid-value', 'cloud', /"azur"/],
    [
      'an unknown kind of nodes',
      '  nodeProvisioning: {kind: ¦karpentr}\n',
      'invalid-value',
      'nodeProvisioning.kind',
      /"karpentr"/,
    ],
    ['no kind of nodes', '  ¦nodeProvisioning: {}\n', 'missing-field', 'nodeProvisioning.kind', /required/],
    [
      'a field of another kind of nodes',
      '  nodeProvisioning: {kind: karpenter, ¦clusterName: x}\n',
      'unknown-field',
      'nodeProvisioning.clusterName',
      /unknown/,
    ],
    [
      'own nodes without facts',
      '  ¦nodeProvisioning: {kind: ownNodes}\n',
      'missing-field',
      'nodeProvisioning.gpu',
      /required/,
    ],
    [
      'AWS without a role',
      '  cloud: aws\n  ¦nodeProvisioning: {kind: karpenter}\n',
      'missing-field',
      'nodeProvisioning.aws',
      /IAM role/,
    ],
    [
      'a role beside another cloud',
      '  nodeProvisioning: {kind: karpenter, ¦aws: {role: x}}\n',
      'contradiction',
      'nodeProvisioning.aws',
      /no effect/,
    ],
    [
      'gpu-provisioner beside another cloud',
      '  cloud: gcp\n  nodeProvisioning: {kind: ¦gpuProvisioner}\n',
      'contradiction',
      'nodeProvisioning.kind',
      /Azure only/,
    ],
    [
      'an id that is no GUID',
      '  nodeProvisioning: {kind: aksAgentPools, subscriptionId: ¦x, resourceGroup: r, clusterName: c, clientId: 00000000-0000-0000-0000-000000000000, tenantId: 00000000-0000-0000-0000-000000000000}\n',
      'invalid-value',
      'nodeProvisioning.subscriptionId',
      /"x"/,
    ],
    [
      'an AKS cluster whose name ends with a dash',
      '  nodeProvisioning: {kind: aksAgentPools, subscriptionId: 00000000-0000-0000-0000-000000000000, resourceGroup: r, clusterName: ¦c-, clientId: 00000000-0000-0000-0000-000000000000, tenantId: 00000000-0000-0000-0000-000000000000}\n',
      'invalid-value',
      'nodeProvisioning.clusterName',
      /"c-" is not the name of an AKS cluster/,
    ],
    [
      'a resource group that ends with a dot',
      '  nodeProvisioning: {kind: aksAgentPools, subscriptionId: 00000000-0000-0000-0000-000000000000, resourceGroup: ¦r., clusterName: c, clientId: 00000000-0000-0000-0000-000000000000, tenantId: 00000000-0000-0000-0000-000000000000}\n',
      'invalid-value',
      'nodeProvisioning.resourceGroup',
      /"r\." is not a resource group/,
    ],
    [
      'a tag of our own on agent pools',
      '  nodeProvisioning: {kind: aksAgentPools, subscriptionId: 00000000-0000-0000-0000-000000000000, resourceGroup: r, clusterName: c, clientId: 00000000-0000-0000-0000-000000000000, tenantId: 00000000-0000-0000-0000-000000000000, pools: {tags: {¦Managed-By: me}}}\n',
      'reserved-tag',
      'nodeProvisioning.pools.tags.Managed-By',
      /written by Slipway/,
    ],
    [
      'a subnet by its name',
      '  nodeProvisioning: {kind: aksAgentPools, subscriptionId: 00000000-0000-0000-0000-000000000000, resourceGroup: r, clusterName: c, clientId: 00000000-0000-0000-0000-000000000000, tenantId: 00000000-0000-0000-0000-000000000000, pools: {subnetId: ¦gpu}}\n',
      'invalid-value',
      'nodeProvisioning.pools.subnetId',
      /"gpu" is not the id of a subnet/,
    ],
    [
      'a proxy with a password',
      '  egress: {httpProxy: ¦"http://u:p@proxy.example.com"}\n',
      'secret-value',
      'egress.httpProxy',
      /password/,
    ],
    [
      'a registry with capitals',
      '  imageRegistry: ¦registry.example.com/Slipway\n',
      'invalid-image',
      'imageRegistry',
      /upper case/,
    ],
    [
      'a malformed default namespace',
      '  defaults: {namespace: ¦A}\n',
      'invalid-name',
      'defaults.namespace',
      /"A"/,
    ],
  ])('tells %s, with its place', (_name, spec, code, field, message) => {
    const { text, line, column } = marked(cluster(spec));
    const { problems } = readText(text);
    expect(problems).toMatchObject([
      { code, field: `spec.${field}`, severity: 'error', position: { line, column } },
    ]);
    expect(problems[0]?.message).toMatch(message);
  });

  it('with a field that cannot be read has its default there, so that the rest is checked', () => {
    const { spec, problems } = clusterFromProps(
      'prod',
      // @ts-expect-error: a JavaScript program can give anything
      { cloud: 'gcp', nodeProvisioning: { kind: 'ownNodes' } },
      'fleet/prod',
    );
    expect(problems).toMatchObject([{ code: 'missing-field', position: { construct: 'fleet/prod' } }]);
    expect(spec).toMatchObject({ cloud: 'gcp', nodeProvisioning: { kind: 'karpenter' } });
  });

  it('is the only one of its files', () => {
    const { problems, cluster: first } = readText(
      `${cluster('  cloud: gcp\n')}---\n${cluster('  cloud: aws\n  nodeProvisioning: {kind: karpenter, nodeClass: {name: a}}\n')}`,
    );
    expect(problems).toMatchObject([
      { code: 'second-cluster', message: 'a Cluster stands in w.yaml:2:7 already' },
    ]);
    expect(first?.cloud).toBe('gcp');
  });
});
