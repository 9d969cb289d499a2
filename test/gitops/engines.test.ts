import { engineObjects } from '../../src/gitops/engines';
import type { KubernetesObject } from '../../src/gitops/object';
import { repositoryOf, type Repository } from '../../src/gitops/repository';
import type { PlacedObject } from '../../src/gitops/tree';

const repository = repositoryOf({ url: 'https://git.example.com/fleet.git' }, 'gitops');
const nodePool: KubernetesObject = {
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: { name: 'chat--assistant' },
};
const nodeClass: KubernetesObject = {
  apiVersion: 'karpenter.azure.com/v1beta1',
  kind: 'AKSNodeClass',
  metadata: { name: 'chat--assistant' },
};
const deployment: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'assistant', namespace: 'chat' },
  spec: {
    progressDeadlineSeconds: 4000,
    template: {
      spec: { containers: [{ name: 'model', startupProbe: { periodSeconds: 10, failureThreshold: 200 } }] },
    },
  },
};
const placed = (engine: 'argocd' | 'flux'): PlacedObject[] => [
  { object: nodePool, folder: 'prod/platform', construct: 'prod/a', engine },
  { object: nodeClass, folder: 'prod/platform', construct: 'prod/b', engine },
  { object: deployment, folder: 'prod/chat/assistant', construct: 'prod/c', engine },
];
const find = (objects: readonly PlacedObject[], kind: string, name: string) => {
  const found = objects.find(({ object }) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found.object;
};

describe('Argo CD', () => {
  const objects = engineObjects(repository, placed('argocd'));

  test('the project allows what Slipway renders and what somebody adds, and no Secrets or cluster roles', () => {
    const added: KubernetesObject = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'a', namespace: 'chat' },
    };
    const withAdded = engineObjects(repository, [
      ...placed('argocd'),
      { object: added, folder: 'prod/chat/assistant', construct: 'prod/d', engine: 'argocd' },
    ]);
    const spec = find(withAdded, 'AppProject', 'prod')['spec'] as {
      sourceRepos: string[];
      clusterResourceWhitelist: { kind: string }[];
      namespaceResourceWhitelist: { kind: string }[];
    };
    expect(spec.sourceRepos).toEqual(['https://git.example.com/fleet.git']);
    expect(spec.clusterResourceWhitelist.map(({ kind }) => kind)).toEqual([
      'Namespace',
      'AKSNodeClass',
      'EC2NodeClass',
      'NodeClaim',
      'NodePool',
      'PriorityClass',
    ]);
    const namespaced = spec.namespaceResourceWhitelist.map(({ kind }) => kind);
    expect(namespaced).toEqual(expect.arrayContaining(['Deployment', 'Job', 'Widget']));
    expect(namespaced).not.toContain('Secret');
    expect(namespaced).not.toContain('Pod');
  });

  test('the project allows the same kinds whatever Workspaces there are: else the last one of a kind could not be deleted', () => {
    const spec = (objects: readonly PlacedObject[]) => find(objects, 'AppProject', 'prod')['spec'];
    const [first] = placed('argocd');
    expect(spec(engineObjects(repository, first === undefined ? [] : [first]))).toEqual(spec(objects));
  });

  test('a cluster without Workspaces keeps the Application that deletes the last one', () => {
    const left = engineObjects(repository, [], [{ cluster: 'prod', engine: 'argocd' }]);
    expect(left.map(({ object }) => object.kind)).toEqual(['Application', 'AppProject']);
    expect(find(left, 'Application', 'prod')['spec']).toMatchObject({
      source: { path: 'gitops/prod/argocd' },
    });
  });

  test('nodes and workloads are Applications of their own', () => {
    expect(find(objects, 'Application', 'prod.platform')['spec']).toMatchObject({
      source: { path: 'gitops/prod/platform' },
    });
    expect(find(objects, 'Application', 'prod.chat--assistant')['spec']).toMatchObject({
      source: { path: 'gitops/prod/chat/assistant' },
    });
  });

  test('deleting a Workspace deletes its workload, and never nodes without asking', () => {
    expect(find(objects, 'Application', 'prod.chat--assistant').metadata['finalizers']).toHaveLength(1);
    expect(find(objects, 'Application', 'prod.platform').metadata['finalizers']).toBeUndefined();
  });

  test('one Application, installed once, applies all others', () => {
    expect(find(objects, 'Application', 'prod')['spec']).toMatchObject({
      source: { path: 'gitops/prod/argocd' },
    });
    expect(new Set(objects.map(({ folder }) => folder))).toEqual(new Set(['prod/argocd']));
  });
});

describe('Flux', () => {
  const objects = engineObjects(repository, placed('flux'));

  test('a cluster without Workspaces keeps the Kustomization that deletes the last one', () => {
    const left = engineObjects(repository, [], [{ cluster: 'prod', engine: 'flux' }]);
    expect(left.map(({ object }) => object.kind)).toEqual(['GitRepository', 'Kustomization']);
  });

  test('workloads wait for the platform, longer than their own deadline', () => {
    expect(find(objects, 'Kustomization', 'chat--assistant')['spec']).toMatchObject({
      path: './gitops/prod/chat/assistant',
      dependsOn: [{ name: 'platform' }],
      wait: true,
      prune: true,
      timeout: '1h22m0s',
    });
  });

  test('groups of pods have the time that their startup probes give them', () => {
    const workerTemplate = {
      spec: { containers: [{ name: 'server', startupProbe: { periodSeconds: 10, failureThreshold: 360 } }] },
    };
    const [first] = placed('flux').filter(({ folder }) => folder === 'prod/chat/assistant');
    if (first === undefined) throw new Error('no such folder');
    const object = {
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      metadata: { name: 'assistant-groups', namespace: 'chat' },
      spec: { leaderWorkerTemplate: { size: 2, workerTemplate } },
    };
    const { timeout } = find(
      engineObjects(repository, [{ ...first, object }]),
      'Kustomization',
      'chat--assistant',
    )['spec'] as { timeout: string };
    expect(timeout).toMatch(/^1h/);
  });

  test('kinds without a status rule that kstatus knows bring their own', () => {
    expect(find(objects, 'Kustomization', 'platform')['spec']).toMatchObject({
      healthCheckExprs: [{ apiVersion: 'karpenter.azure.com/v1beta1', kind: 'AKSNodeClass' }],
    });
  });

  test('all folders share one source, so that dependencies see one revision', () => {
    const sources = objects.flatMap(({ object }) => {
      const spec = object['spec'] as { sourceRef?: { name: string } };
      return spec.sourceRef?.name ?? [];
    });
    expect(new Set(sources)).toEqual(new Set(['slipway']));
  });
});

describe('a branch for each cluster', () => {
  const branches: Repository = { ...repository, layout: 'branches' };

  test("Argo CD reads the branch of the cluster, whose root is the cluster's folder", () => {
    const application = find(
      engineObjects(branches, placed('argocd')),
      'Application',
      'prod.chat--assistant',
    );
    expect(application['spec']).toMatchObject({
      source: { targetRevision: 'environments/prod', path: 'chat/assistant' },
    });
  });

  test('Flux does, too', () => {
    const objects = engineObjects(branches, placed('flux'));
    expect(find(objects, 'GitRepository', 'slipway')['spec']).toMatchObject({
      ref: { branch: 'environments/prod' },
    });
    expect(find(objects, 'Kustomization', 'platform')['spec']).toMatchObject({ path: './platform' });
  });
});

describe('a private repository', () => {
  const source = { url: 'https://git.example.com/fleet.git', secretName: 'fleet-read' };
  const objects = engineObjects(repositoryOf(source, 'gitops'), placed('flux'));

  test('is read by Flux with the Secret that is named', () => {
    expect(find(objects, 'GitRepository', 'slipway')['spec']).toMatchObject({
      secretRef: { name: 'fleet-read' },
    });
  });

  test('is nothing that Argo CD is told: it finds the credential by the URL', () => {
    const argocd = engineObjects(repositoryOf(source, 'gitops'), placed('argocd'));
    expect(JSON.stringify(argocd)).not.toContain('fleet-read');
  });
});

describe('an OCI artifact', () => {
  const artifact = repositoryOf({ url: 'oci://registry.example.com/ml/fleet', tag: 'prod' }, 'gitops');

  test('Flux reads it with an OCIRepository', () => {
    const objects = engineObjects(artifact, placed('flux'));
    expect(find(objects, 'OCIRepository', 'slipway')['spec']).toMatchObject({
      url: 'oci://registry.example.com/ml/fleet',
      ref: { tag: 'prod' },
    });
    for (const { object } of objects.filter(({ object: { kind } }) => kind === 'Kustomization')) {
      expect(object['spec']).toMatchObject({ sourceRef: { kind: 'OCIRepository', name: 'slipway' } });
    }
  });

  test('Argo CD reads it by its tag', () => {
    const application = find(
      engineObjects(artifact, placed('argocd')),
      'Application',
      'prod.chat--assistant',
    );
    expect(application['spec']).toMatchObject({
      source: {
        repoURL: 'oci://registry.example.com/ml/fleet',
        targetRevision: 'prod',
        path: 'gitops/prod/chat/assistant',
      },
    });
  });
});
