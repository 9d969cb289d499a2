import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-types/apps/v1';
import { parse } from 'yaml';
import {
  Cluster,
  Fleet,
  InvalidInputError,
  Workspace,
  type ClusterProps,
  type PresetInferenceProps,
  type Problem,
  type WorkspaceProps,
} from '../../src';
import { readDocuments } from '../../src/spec/read-documents';
import { restrictedViolations } from '../../src/workload/pod-security';

const document = readFileSync(join(__dirname, '..', 'data', 'kaito', 'multi-role-inference.yaml'), 'utf8');

type Make = (cluster: Cluster, fleet: Fleet) => void;

const fromYaml =
  (text: string): Make =>
  (cluster, fleet) => {
    const { workspaces, problems } = readDocuments([{ file: 'mri.yaml', text }]);
    fleet.report(problems);
    for (const spec of workspaces) new Workspace(cluster, spec.name, spec);
  };

function render(make: Make, props: ClusterProps = {}): ReadonlyMap<string, string> {
  const fleet = new Fleet();
  make(new Cluster(fleet, 'prod', props), fleet);
  return fleet.render().tree;
}

function problemsOf(make: Make, props: ClusterProps = {}): readonly Problem[] {
  try {
    render(make, props);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

function objectIn(tree: ReadonlyMap<string, string>, path: string): Record<string, unknown> {
  const text = tree.get(`prod/default/${path}`);
  if (text === undefined) throw new Error(`no ${path} in\n${[...tree.keys()].join('\n')}`);
  return parse(text) as Record<string, unknown>;
}

function podOf(tree: ReadonlyMap<string, string>, half: string) {
  const { spec } = objectIn(tree, `phi-4-${half}/deployment-phi-4-${half}.yaml`) as Deployment;
  const template = spec?.template;
  if (template?.spec === undefined) throw new Error('no pod');
  return { labels: template.metadata?.labels, spec: template.spec, containers: template.spec.containers };
}

test('what both halves lack is said once', () => {
  const gated = document.replace('name: phi-4-mini-instruct', 'name: llama-3.1-8b-instruct');
  expect(gated).not.toBe(document);
  expect(problemsOf(fromYaml(gated)).map(({ code }) => code)).toEqual(['gated-model-without-token']);
});

describe('a MultiRoleInference', () => {
  const tree = render(fromYaml(document));

  it('runs each role on machines of its own, as often as it says', () => {
    expect(tree.get('prod/platform/nodepool-default--phi-4-prefill.yaml')).toContain(
      'Standard_NC24ads_A100_v4',
    );
    expect(tree.get('prod/platform/nodepool-default--phi-4-decode.yaml')).toContain(
      'Standard_NV36ads_A10_v5',
    );
    expect(objectIn(tree, 'phi-4-decode/deployment-phi-4-decode.yaml')).toMatchObject({
      spec: { replicas: 2 },
    });
  });

  it('hands the KV cache from prefill to decode with the image that can', () => {
    for (const half of ['prefill', 'decode']) {
      const [server] = podOf(tree, half).containers;
      expect(server?.image).toMatch(/^docker\.io\/vllm\/vllm-openai:/);
      expect(server?.args).toContain(
        '--kv-transfer-config={"kv_connector":"NixlConnector","kv_role":"kv_both"}',
      );
      expect(server?.env).toContainEqual({
        name: 'VLLM_NIXL_SIDE_CHANNEL_HOST',
        valueFrom: { fieldRef: { fieldPath: 'status.podIP' } },
      });
    }
  });

  it('answers on port 5000 in both halves: in the decode half through the routing sidecar', () => {
    const [prefill] = podOf(tree, 'prefill').containers;
    expect(prefill?.ports).toEqual([{ name: 'http', containerPort: 5000 }]);
    expect(podOf(tree, 'prefill').containers).toHaveLength(1);
    const [server, sidecar] = podOf(tree, 'decode').containers;
    expect(server?.ports).toEqual([{ name: 'engine', containerPort: 5001 }]);
    expect(server?.args).toContain('--port=5001');
    expect(server?.readinessProbe?.httpGet?.port).toBe('engine');
    expect(sidecar).toMatchObject({
      name: 'llm-d-routing-sidecar',
      args: ['--port=5000', '--vllm-port=5001', '--secure-proxy=false'],
      ports: [{ name: 'http', containerPort: 5000 }],
    });
    expect(objectIn(tree, 'phi-4-decode/service-phi-4-decode.yaml')).toMatchObject({
      spec: { ports: [{ port: 80, targetPort: 'http' }] },
    });
  });

  it('has one pool over the pods of both halves, with a picker that tells them apart', () => {
    expect(objectIn(tree, 'phi-4-decode/inferencepool-phi-4-inferencepool.yaml')).toMatchObject({
      metadata: { name: 'phi-4-inferencepool' },
      spec: {
        selector: { matchLabels: { 'slipway.dev/multi-role': 'phi-4' } },
        targetPorts: [{ number: 5000 }],
        endpointPickerRef: { name: 'phi-4-inferencepool-epp' },
      },
    });
    expect([...tree.keys()].filter((path) => path.includes('inferencepool-phi'))).toHaveLength(1);
    const config = [...tree].find(([path]) => path.includes('configmap-phi-4-inferencepool-epp'))?.[1];
    for (const half of ['prefill', 'decode']) {
      expect(config).toContain(`slipway.dev/inference-role: ${half}`);
      expect(podOf(tree, half).labels).toMatchObject({
        'slipway.dev/inference-role': half,
        'slipway.dev/multi-role': 'phi-4',
      });
    }
    expect(config).toContain('type: disagg-profile-handler');
    expect(config).toContain('type: metrics-data-source');
  });

  it('lets the halves reach each other, and nobody else on other ports than 5000', () => {
    for (const half of ['prefill', 'decode']) {
      expect(objectIn(tree, `phi-4-${half}/networkpolicy-phi-4-${half}-peers.yaml`)).toMatchObject({
        spec: {
          podSelector: { matchLabels: { 'slipway.dev/workspace': `phi-4-${half}` } },
          ingress: [{ from: [{ podSelector: { matchLabels: { 'slipway.dev/multi-role': 'phi-4' } } }] }],
        },
      });
      expect(objectIn(tree, `phi-4-${half}/networkpolicy-phi-4-${half}.yaml`)).toMatchObject({
        spec: { ingress: [{ ports: [{ port: 5000, protocol: 'TCP' }] }] },
      });
    }
  });

  it('takes no longer prompts than both halves can hold', () => {
    const lengths = ['prefill', 'decode'].map((half) =>
      podOf(tree, half).containers[0]?.args?.find((arg) => arg.startsWith('--max-model-len')),
    );
    expect(lengths[0]).toBe(lengths[1]);
    // The prefill half alone, on its larger GPU, would take 131072.
    expect(lengths[0]).not.toBe('--max-model-len=131072');
  });

  it('passes the restricted standard', () => {
    for (const half of ['prefill', 'decode'])
      expect(restrictedViolations(podOf(tree, half).spec)).toEqual([]);
  });

  it("runs on KAITO's image where the cluster has that", () => {
    const ofKaito = render(fromYaml(document), { defaults: { image: 'kaito' } });
    const [prefill] = podOf(ofKaito, 'prefill').containers;
    const [decode] = podOf(ofKaito, 'decode').containers;
    expect(prefill?.env).toContainEqual({ name: 'KAITO_INFERENCE_ROLE', value: 'prefill' });
    expect(decode?.env).toContainEqual({ name: 'KAITO_INFERENCE_ROLE', value: 'decode' });
    expect(prefill?.command?.join(' ')).not.toContain('--port');
    expect(decode?.command?.join(' ')).toContain('--port=5001');
  });

  it('is refused where a half needs several nodes', () => {
    const large = document.replace('phi-4-mini-instruct', 'qwen2.5-coder-32b-instruct');
    const errors = problemsOf(fromYaml(large)).filter(({ severity }) => severity === 'error');
    expect(errors).toMatchObject([
      {
        field: 'spec.roles[1].instanceType',
        position: { line: 17 },
        message: expect.stringContaining('a decode half has to be on one node, since vLLM') as string,
        next: expect.stringContaining('smallest current type that fits: Standard_') as string,
      },
    ]);
  });

  it('takes machine types that hold a half on one node where none is named', () => {
    const large = document
      .replace('phi-4-mini-instruct', 'gpt-oss-120b')
      .replaceAll(/\n *instanceType: .*/g, '');
    const { decisions } = (() => {
      const fleet = new Fleet();
      fromYaml(large)(new Cluster(fleet, 'prod'), fleet);
      return fleet.render();
    })();
    expect(decisions.map(({ placement }) => placement.nodes)).toEqual([1, 1]);
  });

  it('is refused with more nodes for a half', () => {
    const make: Make = (cluster) => {
      new Workspace(cluster, 'a', half('decode', { resource: { count: 2 } }));
      new Workspace(cluster, 'b', half('prefill'));
    };
    expect(problemsOf(make)).toContainEqual(
      expect.objectContaining({ code: 'contradiction', field: 'resource.count' }),
    );
  });

  it('is refused with the transformers runtime', () => {
    const text = document.replace(
      'name: phi-4\n',
      'name: phi-4\n  annotations: {kaito.sh/runtime: transformers}\n',
    );
    const model = text
      .replace('phi-4-mini-instruct', 'phi-4')
      .replace('Standard_NV36ads_A10_v5', 'Standard_NC24ads_A100_v4');
    expect(problemsOf(fromYaml(model)).map(({ code }) => code)).toContain('role-without-kv-transfer');
  });
});

const half = (
  type: 'prefill' | 'decode',
  changes: Partial<Extract<WorkspaceProps, { tuning?: never }>> = {},
): WorkspaceProps => ({
  resource: { instanceType: 'Standard_NC24ads_A100_v4' },
  inference: { preset: { name: 'phi-4-mini-instruct' }, role: { type, of: 'phi' } },
  ...changes,
});

/** A decode half, and a prefill half that is served otherwise. */
const besideOther =
  (inference: Partial<PresetInferenceProps>): Make =>
  (cluster) => {
    new Workspace(cluster, 'a', half('decode'));
    const served = { preset: { name: 'phi-4-mini-instruct' }, role: { type: 'prefill', of: 'phi' } } as const;
    new Workspace(cluster, 'b', half('prefill', { inference: { ...served, ...inference } }));
  };

describe('two halves in a program', () => {
  it('are what a MultiRoleInference is', () => {
    const written: Make = (cluster) => {
      for (const [type, instanceType, replicas] of [
        ['decode', 'Standard_NV36ads_A10_v5', 2],
        ['prefill', 'Standard_NC24ads_A100_v4', 1],
      ] as const) {
        new Workspace(cluster, `phi-4-${type}`, {
          resource: { instanceType, labelSelector: { matchLabels: { apps: 'phi-4' } } },
          inference: { preset: { name: 'phi-4-mini-instruct' }, replicas, role: { type, of: 'phi-4' } },
        });
      }
    };
    expect(render(written)).toEqual(render(fromYaml(document)));
  });

  it.each<[string, Make, string]>([
    ['one alone', (cluster) => new Workspace(cluster, 'a', half('decode')), 'role-without-peer'],
    [
      'two of a kind',
      (cluster) => {
        new Workspace(cluster, 'a', half('decode'));
        new Workspace(cluster, 'b', half('prefill'));
        new Workspace(cluster, 'c', half('prefill'));
      },
      'role-without-peer',
    ],
    [
      'halves in different namespaces',
      (cluster) => {
        new Workspace(cluster, 'a', half('decode'));
        new Workspace(cluster, 'b', half('prefill', { namespace: 'other' }));
      },
      'role-without-peer',
    ],
    ['halves of different models', besideOther({ preset: { name: 'phi-4' } }), 'roles-differ'],
    [
      'halves whose KV caches differ in form',
      besideOther({ config: { vllm: { 'kv-cache-dtype': 'fp8' } } }),
      'roles-differ',
    ],
    ['an image that cannot', besideOther({ image: 'slipway' }), 'image-without-kv-transfer'],
    [
      'a pool of the prefill half',
      (cluster) => {
        new Workspace(cluster, 'a', half('decode'));
        new Workspace(cluster, 'b', half('prefill', { inferencePool: {} }));
      },
      'contradiction',
    ],
  ])('%s is an error that says what to do', (_name, make, code) => {
    const found = problemsOf(make).filter((problem) => problem.code === code);
    expect(found.length).toBeGreaterThan(0);
    for (const problem of found) expect(problem.next).toBeDefined();
  });
});
