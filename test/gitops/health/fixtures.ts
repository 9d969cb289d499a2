import type { Judged } from './run-cel';

/** What Argo CD makes of an object. */
export type ArgoVerdict = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended';

/** An object in one state, and what has to be made of it. */
export type Fixture = readonly [state: string, object: Judged, verdict: ArgoVerdict];

const GENERATION = 2;
const object = (status?: Judged['status'], spec: Judged['spec'] = {}): Judged => ({
  metadata: { generation: GENERATION },
  spec,
  ...(status === undefined ? {} : { status }),
});
const condition = (type: string, status: string, more: Readonly<Record<string, unknown>> = {}) => ({
  type,
  status,
  message: `${type} is ${status}`,
  ...more,
});
const OLD = { observedGeneration: GENERATION - 1 };
const NOW = { observedGeneration: GENERATION };

const untold: readonly Fixture[] = [
  ['no status yet', object(), 'Progressing'],
  ['an empty status', object({}), 'Progressing'],
];

const readyCondition: readonly Fixture[] = [
  ...untold,
  ['another condition only', object({ conditions: [condition('Other', 'True')] }), 'Progressing'],
  ['ready', object({ conditions: [condition('Other', 'False'), condition('Ready', 'True')] }), 'Healthy'],
  ['ready in an older generation', object({ conditions: [condition('Ready', 'True', OLD)] }), 'Progressing'],
  ['ready in this generation', object({ conditions: [condition('Ready', 'True', NOW)] }), 'Healthy'],
  ['refused', object({ conditions: [condition('Ready', 'False')] }), 'Degraded'],
  [
    'refused in an older generation',
    object({ conditions: [condition('Ready', 'False', OLD)] }),
    'Progressing',
  ],
  ['not known yet', object({ conditions: [condition('Ready', 'Unknown')] }), 'Progressing'],
];

const parents = (...conditions: readonly (readonly object[])[]): Judged =>
  object({
    parents: conditions.map((own, index) => ({ parentRef: { name: `gateway-${index}` }, conditions: own })),
  });
const accepted = condition('Accepted', 'True', NOW);
const resolved = condition('ResolvedRefs', 'True', NOW);

const takenByGateways: readonly Fixture[] = [
  ...untold,
  ['no Gateway has taken it', parents(), 'Progressing'],
  ['a Gateway that says nothing', object({ parents: [{ parentRef: { name: 'a' } }] }), 'Progressing'],
  ['taken', parents([accepted, resolved]), 'Healthy'],
  ['taken before it was changed', parents([condition('Accepted', 'True', OLD)]), 'Progressing'],
  ['refused', parents([condition('Accepted', 'False', NOW)]), 'Degraded'],
  [
    'taken, with a reference that leads nowhere',
    parents([accepted, condition('ResolvedRefs', 'False', NOW)]),
    'Degraded',
  ],
  [
    'taken by one Gateway and refused by another',
    parents([accepted], [condition('Accepted', 'False', NOW)]),
    'Degraded',
  ],
];

const groups = (replicas: number | undefined, status: Judged['status']): Judged =>
  object(status, replicas === undefined ? {} : { replicas });
const available = [condition('Available', 'True')];

/** The states of each kind that the project has a health rule for. */
export const FIXTURES: Readonly<Record<string, readonly Fixture[]>> = {
  AKSNodeClass: readyCondition,
  HTTPRoute: [...takenByGateways, ['one Gateway still to answer', parents([accepted], []), 'Progressing']],
  InferencePool: [
    ['no route leads to it yet', object({}), 'Healthy'],
    ['no Gateway has taken it', parents(), 'Healthy'],
    ...takenByGateways.filter(([, , verdict]) => verdict !== 'Progressing'),
    ['refused before it was changed', parents([condition('Accepted', 'False', OLD)]), 'Healthy'],
  ],
  LeaderWorkerSet: [
    ...untold,
    [
      'starting',
      groups(2, { conditions: [condition('Available', 'False')], readyReplicas: 1, updatedReplicas: 2 }),
      'Progressing',
    ],
    [
      'all groups ready',
      groups(2, { conditions: available, readyReplicas: 2, updatedReplicas: 2 }),
      'Healthy',
    ],
    [
      'one group, as by default',
      groups(undefined, { conditions: available, readyReplicas: 1, updatedReplicas: 1 }),
      'Healthy',
    ],
    [
      'one group is gone',
      groups(undefined, { conditions: available, readyReplicas: 0, updatedReplicas: 1 }),
      'Progressing',
    ],
    [
      'half updated',
      groups(2, { conditions: available, readyReplicas: 2, updatedReplicas: 1 }),
      'Progressing',
    ],
    [
      'ready as it was before the change',
      groups(2, { observedGeneration: 1, conditions: available, readyReplicas: 2, updatedReplicas: 2 }),
      'Progressing',
    ],
    ['scaled to zero', groups(0, { conditions: [] }), 'Healthy'],
  ],
  NodeClaim: [
    ...readyCondition,
    [
      'launched',
      object({ conditions: [condition('Launched', 'True'), condition('Ready', 'Unknown')] }),
      'Progressing',
    ],
    [
      'being taken away',
      object({ conditions: [condition('Ready', 'True'), condition('Disrupting', 'True')] }),
      'Suspended',
    ],
  ],
};
