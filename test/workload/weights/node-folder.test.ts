import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1';
import { checkInference, diskBytesOf } from '../../../src/workload';
import type { NodeProvisioning } from '../../../src/spec/cluster';
import { cluster, decision, inference, only, podOf, serverOf, workspace } from '../fixtures';
import { having, render } from './sources';

const OWN_NODES: NodeProvisioning = {
  kind: 'ownNodes',
  gpu: { product: 'NVIDIA-A100-SXM4-80GB', count: 1, memoryGiB: 80 },
};
const onOwnNodes = { cluster: cluster({ nodeProvisioning: OWN_NODES }) };

test('a folder of the nodes is a volume that names it and the nodes, and a claim that nobody else can take', () => {
  const objects = render(having({ from: 'node', path: '/models/phi' }, onOwnNodes));
  const volume = only(objects, 'PersistentVolume') as PersistentVolume;
  const claim = only(objects, 'PersistentVolumeClaim') as PersistentVolumeClaim;
  expect(volume.spec).toMatchObject({
    accessModes: ['ReadOnlyMany'],
    local: { path: '/models/phi' },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          {
            matchExpressions: [{ key: 'slipway.dev/node-group', operator: 'In', values: ['team-a--chat'] }],
          },
        ],
      },
    },
    persistentVolumeReclaimPolicy: 'Retain',
    storageClassName: 'team-a--chat-weights',
  });
  expect(claim.spec).toMatchObject({
    accessModes: ['ReadOnlyMany'],
    storageClassName: volume.spec?.storageClassName,
    volumeName: volume.metadata?.name,
    resources: { requests: volume.spec?.capacity },
  });
  expect(volume.metadata).not.toHaveProperty('namespace');
});

test('the pod mounts the claim, not the folder: it stays within the restricted standard', () => {
  const objects = render(having({ from: 'node' }, onOwnNodes));
  expect(podOf(objects).volumes).toContainEqual({
    name: 'weights',
    persistentVolumeClaim: { claimName: 'chat-weights', readOnly: true },
  });
  expect(JSON.stringify(objects)).not.toContain('hostPath');
  expect(serverOf(objects).env).toContainEqual({ name: 'HF_HUB_OFFLINE', value: '1' });
  expect(checkInference(having({ from: 'node' }, onOwnNodes))).toEqual([]);
});

test("without a path it is KAITO's folder", () => {
  const volume = only(render(having({ from: 'node' }, onOwnNodes)), 'PersistentVolume') as PersistentVolume;
  expect(volume.spec?.local?.path).toBe('/opt/kaito/models/microsoft-phi-3-mini-4k-instruct');
});

test('the node needs no disk for weights that its image holds', () => {
  const given = having({ from: 'node' }, onOwnNodes);
  expect(diskBytesOf(given)).toBeLessThan(diskBytesOf(decision()));
  expect(serverOf(render(given)).resources?.requests?.['ephemeral-storage']).toBe('15Gi');
});

test.each<[string, NodeProvisioning]>([
  ['a node class that Slipway makes', { kind: 'karpenter' }],
  ['gpu-provisioner', { kind: 'gpuProvisioner' }],
  [
    'an AKS agent pool',
    {
      kind: 'aksAgentPools',
      subscriptionId: 's',
      resourceGroup: 'g',
      clusterName: 'c',
      clientId: 'i',
      tenantId: 't',
    },
  ],
])('nodes of %s have no such folder', (what, nodeProvisioning) => {
  const given = having({ from: 'node' }, { cluster: cluster({ nodeProvisioning }) });
  expect(checkInference(given)).toMatchObject([
    {
      severity: 'error',
      code: 'node-without-weights',
      message: `nodes of ${what} start from an image of the cloud, which has no /opt/kaito/models/microsoft-phi-3-mini-4k-instruct`,
    },
  ]);
});

test("a node class of one's own may have it", () => {
  const ofWorkspace = workspace({
    resource: { nodeClassName: 'mine' },
    inference: inference({ weights: { from: 'node' } }),
  });
  expect(checkInference(decision({ workspace: ofWorkspace }))).toEqual([]);
  const ofCluster = cluster({ nodeProvisioning: { kind: 'karpenter', nodeClass: { name: 'mine' } } });
  expect(checkInference(having({ from: 'node' }, { cluster: ofCluster }))).toEqual([]);
});
