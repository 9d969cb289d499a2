import fc from 'fast-check';
import { checkInference, diskBytesOf, synthesizeInference, totalNodes } from '../../../src/workload';
import type { Decision } from '../../../src/workload/decision';
import type { WeightsProps } from '../../../src/spec/workspace';
import {
  cluster,
  decision,
  groupDecision,
  inference,
  machine,
  model,
  objectsOf,
  only,
  placement,
  podOf,
  SCHEDULING,
  serverOf,
  workspace,
} from '../fixtures';

const GIB = 1024 ** 3;

function keeping(weights: WeightsProps, changes: Partial<Decision> = {}): Decision {
  return decision({ workspace: workspace({ inference: inference({ weights }) }), ...changes });
}

function render(given: Decision) {
  return objectsOf((chart) => {
    synthesizeInference(chart, given, SCHEDULING);
  });
}

function weightsVolume(given: Decision) {
  return podOf(render(given)).volumes?.find(({ name }) => name === 'weights');
}

test('downloaded weights have room, and no more than that, on the disk of the node', () => {
  expect(weightsVolume(decision())).toEqual({ name: 'weights', emptyDir: { sizeLimit: '9Gi' } });
  expect(serverOf(render(decision())).resources?.requests?.['ephemeral-storage']).toBe('24Gi');
});

test('the disk of a node holds weights, scratch and image below the mark where the kubelet starts to evict', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), (giB) => {
      const given = decision({ model: { ...model(), downloadBytes: giB * GIB, diskBytes: GIB } });
      const disk = diskBytesOf(given);
      expect(disk % GIB).toBe(0);
      expect(0.85 * disk).toBeGreaterThanOrEqual(giB * GIB * 1.1 + (15 + 40) * GIB);
    }),
  );
});

test("the disk is never smaller than KAITO's figure", () => {
  expect(diskBytesOf(decision())).toBeGreaterThanOrEqual(model().diskBytes);
});

test('pods that share a node share its disk', () => {
  const alone = decision();
  const shared = keeping(
    { from: 'download' },
    {
      placement: placement({ machine: machine('Standard_NC96ads_A100_v4'), gpusPerNode: 2 }),
      workspace: workspace({ inference: inference({ replicas: 5 }) }),
      model: { ...model(), downloadBytes: 100 * GIB, diskBytes: GIB },
    },
  );
  const one = { ...shared, workspace: alone.workspace };
  expect(diskBytesOf(shared)).toBeGreaterThan(diskBytesOf(one) + 100 * GIB);
});

test('NVMe of Azure comes through a storage class, and the disk of the node is then small', () => {
  const given = keeping(
    { from: 'download', volume: 'nvme' },
    { placement: placement({ machine: machine('Standard_NC24ads_A100_v4') }), model: model('gpt-oss-20b') },
  );
  expect(weightsVolume(given)?.ephemeral?.volumeClaimTemplate?.spec).toMatchObject({
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'kaito-local-nvme-disk',
  });
  expect(diskBytesOf(given)).toBe(65 * GIB);
});

test("NVMe of AWS is the kubelet's own disk", () => {
  const given = keeping(
    { from: 'download', volume: 'nvme' },
    {
      cluster: cluster({ cloud: 'aws' }),
      placement: placement({ machine: machine('p5.48xlarge', 'aws') }),
    },
  );
  expect(weightsVolume(given)?.emptyDir?.sizeLimit).toBe('9Gi');
  expect(diskBytesOf(given)).toBe(48 * GIB);
});

test('an NVMe disk that is not there or too small is refused with the figures', () => {
  const given = keeping(
    { from: 'download', volume: 'nvme' },
    { placement: placement({ machine: { ...machine(), nvmeBytes: null } }) },
  );
  expect(checkInference(given)).toMatchObject([
    {
      severity: 'error',
      code: 'nvme-too-small',
      message: 'the weights need 9 GiB, and Standard_NC24ads_A100_v4 has no known NVMe disk',
    },
  ]);
});

test('weights on a claim are mounted read-only and served from their folder, without the hub', () => {
  const given = keeping({ from: 'pvc', claimName: 'models', path: '/phi/3/' });
  const objects = render(given);
  expect(weightsVolume(given)?.persistentVolumeClaim).toEqual({ claimName: 'models', readOnly: true });
  expect(JSON.stringify(only(objects, 'ConfigMap')['data'])).toContain('model: /workspace/weights/phi/3');
  expect(JSON.stringify(only(objects, 'ConfigMap')['data'])).not.toContain('revision');
  expect(serverOf(objects).env).toContainEqual({ name: 'HF_HUB_OFFLINE', value: '1' });
  expect(diskBytesOf(given)).toBe(65 * GIB);
});

test('a claim for several pods asks for an access mode', () => {
  const weights: WeightsProps = { from: 'pvc', claimName: 'models' };
  const given = groupDecision({ workspace: workspace({ inference: inference({ weights }) }) });
  expect(checkInference(given).map(({ code, severity }) => [severity, code])).toEqual([
    ['warning', 'claim-shared-by-pods'],
  ]);
});

test('all replicas of a group count as nodes', () => {
  expect(totalNodes(decision())).toBe(1);
  expect(totalNodes(groupDecision({ workspace: workspace({ inference: inference({ replicas: 3 }) }) }))).toBe(
    6,
  );
});
