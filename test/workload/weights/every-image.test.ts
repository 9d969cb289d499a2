import fc from 'fast-check';
import type { WeightsProps } from '../../../src/spec/weights';
import type { ImageKind } from '../../../src/spec/workspace';
import { restrictedViolations } from '../../../src/workload/pod-security';
import { progressDeadlineSeconds, startupBudgetSeconds } from '../../../src/workload/startup';
import { cluster, decision, inference, model, podOf, serverOf, workspace } from '../fixtures';
import { OWN, render } from './sources';

const GIB = 1024 ** 3;
const HOUR = 3600;

/** Every source that leaves a folder with the weights, and where below its root they are. */
const LOCAL: readonly (readonly [WeightsProps, string])[] = [
  [{ from: 'image' }, ''],
  [{ from: 'image', reference: OWN, path: 'phi' }, '/phi'],
  [{ from: 'image', reference: OWN, format: 'image', path: 'phi' }, ''],
  [{ from: 'image', reference: OWN, format: 'image', mount: 'volume', path: './phi/' }, ''],
  [{ from: 'pvc', claimName: 'models', path: '/phi/3/' }, '/phi/3'],
  [{ from: 'sharedPvc', storageClassName: 'files' }, ''],
  [{ from: 'node', path: '/models/phi' }, ''],
];
const IMAGES: readonly (readonly [ImageKind, string])[] = [
  ['slipway', '/workspace/weights'],
  ['kaito', '/workspace/weights'],
  ['vllm', '/weights'],
];

function given(weights: WeightsProps, kind: ImageKind, runtime: 'vllm' | 'transformers' = 'vllm') {
  return decision({
    cluster: cluster({ kubernetesVersion: '1.35' }),
    workspace: workspace({ inference: inference({ weights, runtime, image: { kind } }) }),
  });
}

describe.each(IMAGES)('the image %s', (kind, folder) => {
  test.each(LOCAL)(
    'serves what comes from %o out of its folder, and asks nothing of the hub',
    (weights, below) => {
      const objects = render(given(weights, kind));
      const text = JSON.stringify(objects);
      expect(text).toMatch(new RegExp(`["= ]${folder}${below}[" \\\\]`));
      expect(text).not.toContain('microsoft/Phi-3');
      expect(text).not.toMatch(/(--|\b)(code-)?revision[=:]/);
      const server = serverOf(objects);
      expect(server.env).toContainEqual({ name: 'HF_HUB_OFFLINE', value: '1' });
      const mounts = (server.volumeMounts ?? []).filter(({ name }) => name === 'weights');
      expect(mounts).toMatchObject([{ mountPath: folder, readOnly: true }]);
    },
  );

  test.each(LOCAL)('adds nothing for %o that the restricted standard forbids', (weights) => {
    const known = restrictedViolations(podOf(render(given({ from: 'download' }, kind))));
    expect(
      restrictedViolations(podOf(render(given(weights, kind)))).filter((one) => !known.includes(one)),
    ).toEqual([]);
  });
});

test('the transformers server of the image kaito takes the folder as well', () => {
  const text = JSON.stringify(render(given({ from: 'image' }, 'kaito', 'transformers')));
  expect(text).toContain('--pretrained_model_name_or_path=/workspace/weights');
  expect(text).not.toContain('--allow_remote_files');
});

test('the startup probe waits as long as the weights may take from where they are', () => {
  const budget = (weights: WeightsProps, giB: number) =>
    startupBudgetSeconds({
      ...given(weights, 'slipway'),
      model: { ...model(), downloadBytes: giB * GIB },
    });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), (giB) => {
      const network = budget({ from: 'download' }, giB);
      expect(network).toBe(Math.min(Math.max(900 + 18 * giB, HOUR / 2), 3 * HOUR));
      expect(budget({ from: 'pvc', claimName: 'a' }, giB)).toBe(network);
      expect(budget({ from: 'sharedPvc', storageClassName: 'a' }, giB)).toBe(network);
      for (const from of ['image', 'node'] as const) {
        expect(budget({ from }, giB)).toBe(Math.min(Math.max(900 + 9 * giB, HOUR / 2), 3 * HOUR));
      }
    }),
  );
});

test('the Deployment waits for init steps, too', () => {
  const deadline = (weights: WeightsProps) => progressDeadlineSeconds(given(weights, 'slipway'));
  const plain = deadline({ from: 'download' });
  expect(deadline({ from: 'node' })).toBe(plain);
  expect(deadline({ from: 'image' })).toBe(plain + HOUR / 4);
  // Both engines wait for the Job before they make the pod: a stuck one is told as early as any other.
  expect(deadline({ from: 'sharedPvc', storageClassName: 'a' })).toBe(plain);
});
