import { ApiObject } from 'cdk8s';
import fc from 'fast-check';
import {
  Cluster,
  Fleet,
  InvalidInputError,
  Workspace,
  type ClusterProps,
  type Problem,
  type WorkspaceProps,
} from '../../src';

const phi: WorkspaceProps = {
  resource: { instanceType: 'Standard_NC24ads_A100_v4' },
  inference: { preset: { name: 'phi-4-mini-instruct' } },
};

function render(make: (cluster: Cluster, fleet: Fleet) => void, props: ClusterProps = {}) {
  const fleet = new Fleet();
  make(new Cluster(fleet, 'prod', props), fleet);
  return fleet.render();
}

function problemsOf(
  make: (cluster: Cluster, fleet: Fleet) => void,
  props: ClusterProps = {},
): readonly Problem[] {
  try {
    return render(make, props).problems;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

test('ten lines give what serves a model, and the nodes that it runs on', () => {
  const { tree } = render((cluster) => new Workspace(cluster, 'chat', phi));
  expect([...tree.keys()].map((path) => path.replace(/-[0-9a-f]{8}\.yaml$/, '-<hash>.yaml'))).toEqual([
    'prod/default/chat/configmap-chat-config-<hash>.yaml',
    'prod/default/chat/deployment-chat.yaml',
    'prod/default/chat/kustomization.yaml',
    'prod/default/chat/networkpolicy-chat.yaml',
    'prod/default/chat/service-chat.yaml',
    'prod/platform/aksnodeclass-default--chat.yaml',
    'prod/platform/kustomization.yaml',
    'prod/platform/nodepool-default--chat.yaml',
  ]);
});

test('the same program gives the same bytes', () => {
  const once = () => [...render((cluster) => new Workspace(cluster, 'chat', phi)).tree];
  expect(once()).toEqual(once());
});

test("adding a Workspace never changes another's files", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
  const workspace = fc.record({ name, namespace: name });
  const workspaces = fc.uniqueArray(workspace, {
    minLength: 2,
    maxLength: 5,
    selector: (one) => `${one.namespace}/${one.name}`,
  });
  fc.assert(
    fc.property(workspaces, (list) => {
      const treeOf = (members: readonly { name: string; namespace: string }[]) =>
        render((cluster) => {
          for (const one of members) new Workspace(cluster, one.name, { ...phi, namespace: one.namespace });
        }).tree;
      const before = treeOf(list.slice(1));
      const after = treeOf(list);
      for (const [path, content] of before) {
        if (path !== 'prod/platform/kustomization.yaml') expect(after.get(path)).toBe(content);
      }
    }),
    { numRuns: 25 },
  );
});

test('namespaces carry the Pod Security level that their pods pass', () => {
  const { tree } = render((cluster) => {
    new Workspace(cluster, 'a', { ...phi, namespace: 'ours' });
    new Workspace(cluster, 'b', {
      ...phi,
      namespace: 'theirs',
      inference: { ...phi.inference, image: 'kaito' },
    });
  });
  expect(tree.get('prod/platform/namespace-ours.yaml')).toContain(
    'pod-security.kubernetes.io/enforce: restricted',
  );
  expect(tree.get('prod/platform/namespace-theirs.yaml')).toContain(
    'pod-security.kubernetes.io/enforce: baseline',
  );
});

test('a namespace lets in the pods of groups and of templates', () => {
  const { tree } = render((cluster) => {
    new Workspace(cluster, 'groups', {
      namespace: 'groups',
      resource: { instanceType: 'Standard_NV36ads_A10_v5' },
      inference: { preset: { name: 'phi-4' }, image: 'kaito', multiNodeWorkload: 'LeaderWorkerSet' },
    });
    new Workspace(cluster, 'rdma', {
      namespace: 'rdma',
      resource: { instanceType: 'Standard_NV36ads_A10_v5' },
      inference: {
        template: {
          spec: { hostNetwork: true, containers: [{ name: 'a', image: 'registry.example.com/a:1' }] },
        },
      },
    });
  });
  const level = (namespace: string) =>
    /enforce: (\w+)/.exec(tree.get(`prod/platform/namespace-${namespace}.yaml`) ?? '')?.[1];
  expect([level('groups'), level('rdma')]).toEqual(['baseline', 'privileged']);
});

test('two Workspaces of one name in different namespaces live side by side', () => {
  const { tree } = render((cluster) => {
    new Workspace(cluster, 'chat', { ...phi, namespace: 'a' });
    new Workspace(cluster, 'chat', { ...phi, namespace: 'b' });
  });
  expect(tree.has('prod/a/chat/deployment-chat.yaml')).toBe(true);
  expect(tree.has('prod/b/chat/deployment-chat.yaml')).toBe(true);
});

test('names that KAITO would let collide stay apart', () => {
  const { tree } = render((cluster) => {
    new Workspace(cluster, 'b-c', { ...phi, namespace: 'a' });
    new Workspace(cluster, 'c', { ...phi, namespace: 'a-b' });
  });
  expect([...tree.keys()].filter((path) => path.includes('nodepool'))).toHaveLength(2);
});

test('an object can be patched before the fleet is rendered', () => {
  const { tree } = render((cluster) => {
    const workspace = new Workspace(cluster, 'chat', phi);
    const service = workspace.node
      .findAll()
      .find((child) => child instanceof ApiObject && child.kind === 'Service');
    (service as ApiObject).metadata.addAnnotation('example.com/owner', 'ml');
  });
  expect(tree.get('prod/default/chat/service-chat.yaml')).toContain('example.com/owner: ml');
});

describe('bad input', () => {
  test('all problems of all Workspaces are reported in one run', () => {
    const problems = problemsOf((cluster) => {
      new Workspace(cluster, 'one', { ...phi, inference: { preset: { name: 'phi-4-mini-instrukt' } } });
      new Workspace(cluster, 'two', { ...phi, resource: { instanceType: 'Standard_NC6s_v3' } });
      // @ts-expect-error -- the types ask for inference or tuning; plain JavaScript does not
      new Workspace(cluster, 'three', { resource: { instanceType: 'Standard_NC24ads_A100_v4' } });
    });
    expect(problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['unknown-model', 'retired-machine-type']),
    );
    expect(problems.filter(({ severity }) => severity === 'error').length).toBeGreaterThanOrEqual(3);
  });

  test('an unknown model comes with the nearest names', () => {
    const [problem] = problemsOf(
      (cluster) => new Workspace(cluster, 'chat', { inference: { preset: { name: 'phi-4-mini' } } }),
    );
    expect(problem).toMatchObject({
      code: 'unknown-model',
      position: { construct: 'prod/chat' },
      field: 'inference.preset.name',
      message: 'the catalogue has no model "phi-4-mini"',
    });
    expect(problem?.next).toMatch(/^did you mean phi-4-mini-instruct\? /);
  });

  test('a retired machine type comes with the date and the smallest type that fits', () => {
    const [problem] = problemsOf(
      (cluster) => new Workspace(cluster, 'chat', { ...phi, resource: { instanceType: 'Standard_NC6s_v3' } }),
    );
    expect(problem).toMatchObject({ code: 'retired-machine-type', field: 'resource.instanceType' });
    expect(problem?.message).toContain('retired on 2025-09-30');
    expect(problem?.next).toMatch(/smallest current type that fits: Standard_/);
  });

  test.each([[{ resource: { instanceType: 'Standard_NC24ads_A100_v4' } }], [{}]])(
    'a share of the memory that leaves CUDA none comes with a lower one, on %j',
    (resource) => {
      const [problem] = problemsOf(
        (cluster) =>
          new Workspace(cluster, 'chat', {
            ...resource,
            inference: { preset: { name: 'phi-4' }, gpuMemoryUtilization: 1 },
          }),
      );
      expect(problem?.message).toContain('a GPU memory utilization of 1 leaves 0.00 GiB for CUDA');
      expect(problem?.next).toContain('give a lower gpuMemoryUtilization');
    },
  );

  test('a gated model needs a token secret', () => {
    const gated = {
      resource: { instanceType: 'Standard_NC24ads_A100_v4' },
      inference: { preset: { name: 'llama-3.1-8b-instruct' } },
    };
    expect(problemsOf((cluster) => new Workspace(cluster, 'chat', gated))).toMatchObject([
      { code: 'gated-model-without-token' },
    ]);
    expect(
      problemsOf((cluster) => new Workspace(cluster, 'chat', gated), {
        defaults: { modelAccessSecret: 'hf' },
      }),
    ).toEqual([]);
  });

  test('a licence that the cluster does not allow is refused', () => {
    const problems = problemsOf((cluster) => new Workspace(cluster, 'chat', phi), {
      allowedLicenses: ['apache-2.0'],
    });
    expect(problems).toMatchObject([{ code: 'license-not-allowed', allowed: 'apache-2.0' }]);
  });

  test('a machine type of another cloud says whose it is', () => {
    const [problem] = problemsOf(
      (cluster) => new Workspace(cluster, 'chat', { ...phi, resource: { instanceType: 'g5.xlarge' } }),
    );
    expect(problem?.message).toBe('g5.xlarge is a machine type of aws, and cluster prod is on azure');
  });

  test('an unknown model does not hide an unknown machine type', () => {
    const problems = problemsOf(
      (cluster) =>
        new Workspace(cluster, 'chat', {
          resource: { instanceType: 'Standard_X' },
          inference: { preset: { name: 'phi-4-mini' } },
        }),
    );
    expect(problems.map(({ code }) => code)).toEqual(['unknown-model', 'unknown-machine-type']);
  });

  test('the same Workspace twice is one problem, which names both places', () => {
    const problems = problemsOf((cluster) => {
      new Workspace(cluster, 'chat', phi);
      new Workspace(cluster, 'chat', phi);
    });
    expect(problems).toMatchObject([{ code: 'duplicate-workspace' }]);
    expect(problems[0]?.message).toContain('from prod/chat');
  });

  test('a second Workspace of a name has its other names looked up all the same', () => {
    const problems = problemsOf((cluster) => {
      new Workspace(cluster, 'chat', phi);
      new Workspace(cluster, 'chat', { ...phi, resource: { instanceType: 'Standard_NC6s_v3' } });
    });
    expect(problems.map(({ code }) => code)).toEqual(['duplicate-workspace', 'retired-machine-type']);
  });

  test('two objects that want one file name both constructs', () => {
    const problems = problemsOf((cluster) => {
      for (const id of ['first', 'second']) {
        new ApiObject(cluster, id, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'same', namespace: 'x' },
        });
      }
    });
    expect(problems).toMatchObject([{ code: 'duplicate-object', position: { construct: 'prod/second' } }]);
    expect(problems[0]?.message).toContain('prod/first');
  });

  test('a Workspace cannot have the name of objects that a controller makes for another one', () => {
    const problems = problemsOf((cluster) => {
      new Workspace(cluster, 'chat', {
        resource: { instanceType: 'Standard_NV36ads_A10_v5' },
        inference: { preset: { name: 'phi-4' }, multiNodeWorkload: 'LeaderWorkerSet' },
      });
      new Workspace(cluster, 'chat-groups', phi);
    });
    expect(problems).toMatchObject([
      { code: 'duplicate-object', position: { construct: 'prod/chat-groups/service-chat-groups' } },
    ]);
    expect(problems[0]?.message).toContain('prod/chat/leaderworkerset-chat-groups');
  });

  test.each([true, false])(
    'nor that of the StatefulSets of workers, whichever comes first (the set first: %s)',
    (isSetFirst) => {
      const serve = (name: string, multiNodeWorkload: 'StatefulSet' | 'LeaderWorkerSet'): WorkspaceProps => ({
        resource: { instanceType: 'Standard_NV36ads_A10_v5' },
        inference: { preset: { name: 'phi-4' }, servedName: name, multiNodeWorkload },
      });
      const all = [
        ['chat', 'LeaderWorkerSet'],
        ['chat-groups-12', 'StatefulSet'],
        ['chat-12', 'StatefulSet'],
        ['chat-13', 'StatefulSet'],
      ] as const;
      const problems = problemsOf((cluster) => {
        for (const [name, workload] of isSetFirst ? all : all.toReversed())
          new Workspace(cluster, name, serve(name, workload));
      });
      expect(problems).toMatchObject([{ code: 'duplicate-object' }]);
      const told = `${problems[0]?.message} ${JSON.stringify(problems[0]?.position)}`;
      expect(told).toContain('prod/chat/leaderworkerset-chat-groups');
      expect(told).toContain('prod/chat-groups-12/statefulset-chat-groups-12');
    },
  );

  test('an option that contradicts the placement is refused, however it is spelt', () => {
    const vllm = { tensor_parallel_size: '4' };
    const problems = problemsOf(
      (cluster) =>
        new Workspace(cluster, 'chat', { ...phi, inference: { ...phi.inference, config: { vllm } } }),
    );
    expect(problems).toMatchObject([
      { code: 'option-of-placement', field: 'inference.config.vllm.tensor_parallel_size' },
    ]);
  });

  test('a rank in quotes counts when the memory of adapters is reserved', () => {
    const rankOf = (vllm: Record<string, string | number>) => {
      const fleet = new Fleet();
      const { decision } = new Workspace(new Cluster(fleet, 'prod'), 'chat', {
        ...phi,
        inference: {
          ...phi.inference,
          config: { vllm },
          adapters: [{ source: { name: 'sql', image: 'registry.example.com/sql:1' } }],
        },
      });
      return decision?.placement.ledger.find(({ item }) => item === 'adapters')?.bytes ?? 0;
    };
    expect(rankOf({ max_lora_rank: '256' })).toBe(rankOf({ 'max-lora-rank': 256 }));
    expect(rankOf({ max_lora_rank: '256' })).toBeGreaterThan(rankOf({}));
  });

  test('machine types of a list must need the same pods', () => {
    const problems = problemsOf(
      (cluster) =>
        new Workspace(cluster, 'chat', {
          ...phi,
          resource: { instanceType: ['Standard_NC24ads_A100_v4', 'Standard_NC48ads_A100_v4'] },
        }),
    );
    expect(problems).toMatchObject([{ code: 'machine-types-differ', field: 'resource.instanceType[1]' }]);
  });
});

describe("the user's own pod template", () => {
  const template: WorkspaceProps = {
    resource: { instanceType: 'Standard_NC24ads_A100_v4', count: 2 },
    inference: {
      template: {
        spec: {
          containers: [{ name: 'server', image: 'example.com/server:1' }],
          affinity: { podAntiAffinity: {} },
        },
      },
    },
  };

  test('runs on nodes of its machine type, with its affinity', () => {
    const { tree } = render((cluster) => new Workspace(cluster, 'custom', template));
    expect(tree.get('prod/default/custom/deployment-custom.yaml')).toMatch(
      /replicas: 2[\s\S]*podAntiAffinity: \{\}/,
    );
    expect(tree.get('prod/platform/nodepool-default--custom.yaml')).toContain('nodes: "4"');
  });

  test('has to name its machine type', () => {
    const problems = problemsOf(
      (cluster) => new Workspace(cluster, 'custom', { inference: template.inference }),
    );
    expect(problems).toMatchObject([
      { code: 'template-without-machine-type', field: 'resource.instanceType' },
    ]);
  });
});
