import {
  Cluster,
  Fleet,
  InvalidInputError,
  Workspace,
  type ClusterProps,
  type WorkspaceProps,
} from '../../src';

const GATEWAY = { name: 'public', namespace: 'gateways' };
const ISTIO: ClusterProps = { gateway: { ...GATEWAY, implementation: 'istio' } };

function serving(model: string, route: WorkspaceProps['route']): WorkspaceProps {
  return {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: model } },
    ...(route !== undefined && { route }),
  };
}

function fleetOf(props: ClusterProps, workspaces: Readonly<Record<string, WorkspaceProps>>): Fleet {
  const fleet = new Fleet();
  const cluster = new Cluster(fleet, 'prod', props);
  for (const [name, workspace] of Object.entries(workspaces)) new Workspace(cluster, name, workspace);
  return fleet;
}

function problemsOf(props: ClusterProps, workspaces: Readonly<Record<string, WorkspaceProps>>) {
  try {
    return fleetOf(props, workspaces).render().problems;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

const phi = (route: WorkspaceProps['route']) => serving('phi-4-mini-instruct', route);
const qwen = (route: WorkspaceProps['route']) => serving('qwen2.5-coder-7b-instruct', route);

test('several Workspaces share a host by the names of their models', () => {
  const byModelName = { hostnames: ['llm.example.com'], byModelName: true };
  const { tree, problems } = fleetOf(ISTIO, { phi: phi(byModelName), qwen: qwen(byModelName) }).render();
  expect(problems).toEqual([]);
  expect(tree.get('prod/default/phi/httproute-phi.yaml')).toContain('value: phi-4-mini-instruct');
  expect(tree.get('prod/default/qwen/httproute-qwen.yaml')).toContain('value: qwen2.5-coder-7b-instruct');
  expect([...tree.keys()].filter((path) => path.includes('public-body-router'))).toEqual(
    [
      'deployment',
      'destinationrule',
      'envoyfilter',
      'networkpolicy',
      'role',
      'rolebinding',
      'service',
      'serviceaccount',
    ].map((kind) => `prod/platform/${kind}-public-body-router.yaml`),
  );
});

test("the Gateway's namespace belongs to whoever made the Gateway", () => {
  const { tree } = fleetOf(ISTIO, { phi: phi({ byModelName: true }) }).render();
  expect(tree.has('prod/platform/namespace-gateways.yaml')).toBe(false);
});

test.each<[string, ClusterProps, WorkspaceProps['route']]>([
  ['a Gateway that reads bodies itself', { gateway: GATEWAY }, { byModelName: true }],
  ['routes by path', ISTIO, { path: '/phi' }],
  ['a Gateway of its own', ISTIO, { byModelName: true, gateway: { name: 'other', namespace: 'x' } }],
])('no body-based router for %s', (_, props, route) => {
  const { tree } = fleetOf(props, { phi: phi(route) }).render();
  expect([...tree.keys()].filter((path) => path.includes('router'))).toEqual([]);
});

describe('two routes for the same requests', () => {
  test('are an error that says what to do', () => {
    expect(problemsOf(ISTIO, { phi: phi({}), qwen: qwen({}) })).toMatchObject([
      {
        code: 'route-taken',
        position: { construct: 'prod/qwen' },
        field: 'route',
        message:
          'Workspace default/phi already takes all requests of Gateway gateways/public for any host, path /',
        next: 'give one of the two another path or hostnames, or set byModelName: true in both',
      },
    ]);
    expect(problemsOf(ISTIO, { a: phi({ byModelName: true }), b: phi({ byModelName: true }) })).toMatchObject(
      [{ message: expect.stringContaining('requests for model phi-4-mini-instruct') as string }],
    );
  });

  test.each<[string, WorkspaceProps['route'], WorkspaceProps['route']]>([
    ['paths', { path: '/a' }, { path: '/b' }],
    ['hosts', { hostnames: ['a.example.com'] }, { hostnames: ['b.example.com'] }],
    ['one for every host and one for a host', {}, { hostnames: ['b.example.com'] }],
    ['Gateways', {}, { gateway: { name: 'other', namespace: 'gateways' } }],
    ['one for every model and one for a model', {}, { byModelName: true }],
    [
      'listeners',
      { gateway: { ...GATEWAY, sectionName: 'http' } },
      { gateway: { ...GATEWAY, sectionName: 'https' } },
    ],
  ])('are not %s', (_, first, second) => {
    expect(problemsOf(ISTIO, { phi: phi(first), qwen: qwen(second) })).toEqual([]);
  });
});

test('around a pod template stands what needs no known server; the rest is an error', () => {
  const template = { spec: { containers: [{ name: 'main', image: 'example.com/server:1' }] } };
  const own: WorkspaceProps = {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { template },
    disruptionBudget: {},
    route: {},
  };
  expect([...fleetOf(ISTIO, { own }).render().tree.keys()]).toEqual(
    expect.arrayContaining([
      'prod/default/own/httproute-own.yaml',
      'prod/default/own/poddisruptionbudget-own.yaml',
    ]),
  );
  const greedy: WorkspaceProps = {
    ...own,
    route: { byModelName: true },
    autoscaling: { maxReplicas: 2 },
    monitoring: {},
    inferencePool: {},
  };
  expect(
    problemsOf(ISTIO, { own: greedy })
      .filter(({ code }) => code === 'needs-preset')
      .map(({ field }) => field),
  ).toEqual(['autoscaling', 'monitoring', 'inferencePool', 'route.byModelName']);
});

test('the pool is there before its picker, which is ready only once it has seen it', () => {
  const { tree } = fleetOf(ISTIO, { phi: { ...phi({}), inferencePool: {} } }).render();
  expect(tree.get('prod/default/phi/inferencepool-phi.yaml')).toContain('sync-wave: "-10"');
  expect(tree.get('prod/default/phi/deployment-phi-epp.yaml')).not.toContain('sync-wave');
});
