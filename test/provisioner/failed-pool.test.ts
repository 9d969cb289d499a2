import { KubernetesError } from '../../src/provisioner/kubernetes/api';
import { Harness, OUR_TAGS, pool } from './fake/harness';
import { node } from './fake/kubernetes';

const FIRST = 'Standard_NC24ads_A100_v4';
const SECOND = 'Standard_NC40ads_H100_v5';
const NO_CAPACITY = { code: 'AllocationFailed', message: 'We do not have sufficient capacity' };
const candidates = pool('gpua', [FIRST, SECOND]);

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => {
  await harness.stop();
});

/** A pool that an earlier run made and that Azure could not fill. */
function leaveFailedPool(): void {
  harness.azure.addPool('gpua', { vmSize: FIRST, count: 1, tags: OUR_TAGS }, 'Failed', NO_CAPACITY);
}

test('a Failed pool of an earlier run is written once more, and that may mend it', async () => {
  leaveFailedPool();
  expect(await harness.run('apply', [candidates])).toMatchObject({ exitCode: 0 });
  expect(harness.azure.writes).toEqual(['PUT gpua']);
  expect(harness.azure.pools.get('gpua')?.properties).toMatchObject({ vmSize: FIRST });
});

test('a Failed pool that cannot be mended is deleted when nothing runs on it, and the next candidate made', async () => {
  leaveFailedPool();
  harness.azure.failAlways(FIRST, { at: 'operation', error: NO_CAPACITY });
  expect(await harness.run('apply', [candidates])).toMatchObject({ exitCode: 0 });
  expect(harness.azure.writes).toEqual(['PUT gpua', 'DELETE gpua', 'PUT gpua']);
  expect(harness.azure.pools.get('gpua')?.properties).toMatchObject({ vmSize: SECOND });
  const deleted = harness.azure.requests.find(({ method }) => method === 'DELETE');
  expect(deleted?.headers['if-match']).toMatch(/^"tag-/);
});

test('a Failed pool with a Ready node is never deleted', async () => {
  leaveFailedPool();
  harness.kubernetes.extraNodes = [node('gpua', 0, 1)];
  harness.azure.failAlways(FIRST, { at: 'operation', error: NO_CAPACITY });
  for (const flags of [[], ['--recreate-failed']]) {
    const ran = await harness.run('apply', [candidates], flags);
    expect(ran.exitCode).toBe(5);
    expect(ran.termination).toContain('the Failed pool stays: nodes of it are Ready');
  }
  expect(harness.azure.writes).toEqual(['PUT gpua', 'PUT gpua']);
});

test('a Failed pool of an earlier run with registered nodes is deleted only with --recreate-failed', async () => {
  leaveFailedPool();
  harness.kubernetes.extraNodes = [
    { ...node('gpua', 0, 0), ready: false, notReadyReason: 'KubeletNotReady' },
  ];
  harness.azure.failAlways(FIRST, { at: 'operation', error: NO_CAPACITY });
  const held = await harness.run('apply', [candidates]);
  expect(held.exitCode).toBe(5);
  expect(held.termination).toContain('--recreate-failed');
  const ran = await harness.run('apply', [candidates], ['--recreate-failed', '--wait', 'arm']);
  expect(ran.exitCode).toBe(0);
  expect(harness.azure.pools.get('gpua')?.properties).toMatchObject({ vmSize: SECOND });
});

test('without Kubernetes only a pool of this very run is deleted', async () => {
  const blind = ['--no-lease', '--wait', 'arm'];
  leaveFailedPool();
  harness.azure.failAlways(FIRST, { at: 'operation', error: NO_CAPACITY });
  const held = await harness.run('apply', [candidates], blind, { withoutKubernetes: true });
  expect(held.exitCode).toBe(5);
  expect(held.termination).toContain('not known whether anything runs on it');
  const own = await harness.run('apply', [pool('gpub', [FIRST, SECOND])], blind, { withoutKubernetes: true });
  expect(own.exitCode).toBe(0);
});

test('an API server that does not answer keeps a Failed pool from being deleted', async () => {
  leaveFailedPool();
  harness.kubernetes.nodeErrors.push(new KubernetesError('cannot list nodes: timeout', undefined));
  harness.azure.failAlways(FIRST, { at: 'operation', error: NO_CAPACITY });
  const ran = await harness.run('apply', [candidates]);
  expect(ran.exitCode).toBe(5);
  expect(ran.termination).toContain('the Failed pool stays: cannot list nodes: timeout');
});

test('an identity that may not delete leaves the Failed pool, and the reason told is the one that counts', async () => {
  harness.azure.mayDelete = false;
  harness.azure.failAlways(FIRST, { at: 'operation', error: NO_CAPACITY });
  const ran = await harness.run('apply', [candidates]);
  expect(ran.exitCode).toBe(5);
  expect(ran.termination).toContain('AllocationFailed: We do not have sufficient capacity');
  expect(ran.termination).toContain('the identity may not delete agent pools');
});

test('a pool in use that cannot grow stays as it is', async () => {
  harness.azure.addPool('gpua', { vmSize: FIRST, count: 1, tags: OUR_TAGS });
  harness.azure.failAlways(FIRST, { at: 'request', status: 409, error: NO_CAPACITY });
  const ran = await harness.run('apply', [pool('gpua', [FIRST, SECOND], { count: 2 })]);
  expect(ran.exitCode).toBe(5);
  expect(harness.azure.writes).toEqual(['PUT gpua']);
});

test('a Failed pool of someone else is left alone', async () => {
  harness.azure.addPool('gpua', { vmSize: FIRST, count: 1 }, 'Failed');
  expect(await harness.run('apply', [candidates])).toMatchObject({ exitCode: 4 });
  expect(harness.azure.writes).toEqual([]);
});

test('a pool that is taken over with --adopt and cannot be mended is not deleted', async () => {
  harness.azure.addPool('gpua', { vmSize: 'Standard_Other', count: 1 }, 'Failed');
  const ran = await harness.run('apply', [candidates], ['--adopt']);
  expect(ran.exitCode).not.toBe(0);
  expect(ran.termination).toContain('it does not carry our tags');
  expect(harness.azure.writes).toEqual([]);
});

test('a pool that is being deleted is waited for, then made', async () => {
  harness.azure.addPool('gpua', { vmSize: FIRST, count: 1, tags: OUR_TAGS }, 'Deleting');
  harness.azure.onHandled = () => {
    if (harness.clock.slept > 100_000 && harness.azure.pools.get('gpua')?.provisioningState === 'Deleting') {
      harness.azure.pools.delete('gpua');
    }
  };
  expect(await harness.run('apply', [candidates])).toMatchObject({ exitCode: 0 });
  expect(harness.azure.writes).toEqual(['PUT gpua']);
});
