import { HEALTH_RULES } from '../../../src/gitops/health';
import { FIXTURES, type ArgoVerdict } from './fixtures';
import { runCel, type FluxVerdict } from './run-cel';
import { runLua } from './run-lua';

/** What Flux says where Argo CD says so: it has no word for an object that somebody has paused. */
const IN_FLUX: Readonly<Record<ArgoVerdict, FluxVerdict>> = {
  Healthy: 'Current',
  Progressing: 'InProgress',
  Suspended: 'InProgress',
  Degraded: 'Failed',
};

test('every rule has fixtures, and every fixture a rule', () => {
  expect(Object.keys(FIXTURES)).toEqual(HEALTH_RULES.map(({ kind }) => kind));
});

test('every rule says something to an engine', () => {
  expect(HEALTH_RULES.filter(({ lua, cel }) => lua === null && cel === null)).toEqual([]);
});

describe.each(HEALTH_RULES)('$kind', (rule) => {
  test.each(FIXTURES[rule.kind] ?? [])('%s', async (_, object, verdict) => {
    if (rule.lua !== null) expect(runLua(rule.lua, object).status).toBe(verdict);
    if (rule.cel !== null) expect(await runCel(rule.cel, object)).toBe(IN_FLUX[verdict]);
  });
});

const script = (kind: string): string => HEALTH_RULES.find((rule) => rule.kind === kind)?.lua ?? '';

test('what is wrong is said in the words of the controller', () => {
  const refused = {
    metadata: { generation: 1 },
    status: { conditions: [{ type: 'Ready', status: 'False', message: 'no such subnet' }] },
  };
  expect(runLua(script('AKSNodeClass'), refused).message).toBe('no such subnet');
});

test('how far a machine and groups of pods have come is said, too', () => {
  const claim = { metadata: {}, status: { conditions: [{ type: 'Launched', status: 'True' }] } };
  expect(runLua(script('NodeClaim'), claim).message).toBe(
    'the machine is there; waiting for its node to join',
  );
  const groups = {
    metadata: {},
    spec: { replicas: 3 },
    status: { conditions: [], readyReplicas: 1, updatedReplicas: 3 },
  };
  expect(runLua(script('LeaderWorkerSet'), groups).message).toBe('1 of 3 groups are ready, 3 are updated');
});
