/** What a change of a Workspace does to what runs, as the documentation tells it and as the bench sees it. */
export interface Outcome {
  /** What is changed, of which Workspace. */
  readonly change: string;
  /** `in place`: the object stays; `anew`: another object takes its place. */
  readonly workload: 'in place' | 'anew';
  readonly pods: 'replaced' | 'kept';
  readonly nodes: 'kept' | 'new';
  /** Who can answer while the change is carried out; `nobody` for what does not serve. */
  readonly answers: 'all' | 'all but one' | 'nobody';
}

/** Every change that the documentation tells of. No rollout takes more GPUs at once than the larger of before and after. */
export const OUTCOMES = {
  context: {
    change: 'context length, options of the server',
    workload: 'in place',
    pods: 'replaced',
    nodes: 'kept',
    answers: 'all but one',
  },
  model: { change: 'model', workload: 'in place', pods: 'replaced', nodes: 'kept', answers: 'all but one' },
  adapter: {
    change: 'adapters',
    workload: 'in place',
    pods: 'replaced',
    nodes: 'kept',
    answers: 'all but one',
  },
  moreReplicas: {
    change: 'more replicas',
    workload: 'in place',
    pods: 'kept',
    nodes: 'kept',
    answers: 'all',
  },
  machineType: {
    change: 'machine type',
    workload: 'in place',
    pods: 'replaced',
    nodes: 'new',
    answers: 'all but one',
  },
  oneReplica: {
    change: 'any of these, with one replica',
    workload: 'in place',
    pods: 'replaced',
    nodes: 'kept',
    answers: 'nobody',
  },
  group: {
    change: 'any of these, of a model over several nodes',
    workload: 'in place',
    pods: 'replaced',
    nodes: 'kept',
    answers: 'nobody',
  },
  tuning: {
    change: 'anything of a fine-tuning',
    workload: 'anew',
    pods: 'replaced',
    nodes: 'kept',
    answers: 'nobody',
  },
} as const satisfies Readonly<Record<string, Outcome>>;

export type OutcomeName = keyof typeof OUTCOMES;

/** The table of the documentation. */
export function outcomesTable(): string {
  const rows = Object.values<Outcome>(OUTCOMES).map(
    ({ change, workload, pods, nodes, answers }) =>
      `| ${change} | ${workload} | ${pods} | ${nodes} | ${answers} |`,
  );
  return [
    '| change | workload | pods | nodes | who answers meanwhile |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
