import { equal, ok } from 'node:assert/strict';
import {
  Cluster as ClusterConstruct,
  Workspace,
  type PresetInferenceProps,
  type WorkspaceProps,
} from '../../../src';
import { generateInto } from '../bench/tree/generate';
import { observed, type Observation } from './observe';
import { OUTCOMES, type Outcome, type OutcomeName } from './outcomes';
import { deliver, renderedNow, type Scenario } from './scenario';

/** Name of the cluster that this scenario renders. */
export const UPDATED_CLUSTER = 'updated';

const REPLICAS = 2;
const A100 = { instanceType: 'Standard_NC24ads_A100_v4' };
const SERVED = { preset: { name: 'phi-4-mini-instruct' }, contextLength: 8192 };
const ADAPTER = { source: { name: 'style', image: 'registry.example.com/style:1' } };
const TUNING = {
  preset: { name: 'phi-4-mini-instruct' },
  method: 'lora' as const,
  input: { urls: ['https://data.example.com/tickets.jsonl'] },
  output: { image: 'registry.example.com/adapters/tickets:1', imagePushSecret: 'adapter-registry' },
};

/** Made by the External Secrets Operator, so that its objects are judged by Argo CD, too. */
const SECRETS = [{ name: 'hf-token', store: { name: 'vault' }, keys: { HF_TOKEN: { key: 'ml/hf' } } }];

type Fleet = Readonly<Record<string, WorkspaceProps>>;

const PAIR = {
  resource: { instanceType: 'Standard_NC48ads_A100_v4', count: 2 },
  inference: {
    preset: { name: 'llama-3.3-70b-instruct', presetOptions: { modelAccessSecret: 'hf-token' } },
    contextLength: 8192,
  },
} as const;

/** Two replicas, one replica, a model over two nodes, and a fine-tuning: what a change means differs among them. */
const BASE: Fleet = {
  chat: { resource: A100, inference: { ...SERVED, replicas: REPLICAS } },
  solo: { resource: A100, inference: SERVED },
  pair: PAIR,
  lora: { tuning: TUNING },
};

/** One commit: what it changes, and the outcome of each Workspace that it changes. */
interface Step {
  readonly message: string;
  readonly fleet: Fleet;
  readonly outcomes: Readonly<Record<string, OutcomeName>>;
}

const chat = (
  changes: Partial<PresetInferenceProps>,
  resource: WorkspaceProps['resource'] = A100,
): Fleet => ({
  chat: { resource, inference: { ...SERVED, replicas: REPLICAS, ...changes } },
});

const STEPS: readonly Step[] = [
  {
    message: 'a longer context, other training data',
    fleet: {
      ...chat({ contextLength: 16384 }),
      solo: { resource: A100, inference: { ...SERVED, contextLength: 16384 } },
      pair: { ...PAIR, inference: { ...PAIR.inference, contextLength: 16384 } },
      lora: { tuning: { ...TUNING, input: { urls: ['https://data.example.com/other.jsonl'] } } },
    },
    outcomes: { chat: 'context', solo: 'oneReplica', pair: 'group', lora: 'tuning' },
  },
  { message: 'another model', fleet: chat({ preset: { name: 'phi-4' } }), outcomes: { chat: 'model' } },
  { message: 'an adapter', fleet: chat({ adapters: [ADAPTER] }), outcomes: { chat: 'adapter' } },
  {
    message: 'another replica',
    fleet: chat({ adapters: [ADAPTER], replicas: REPLICAS + 1 }),
    outcomes: { chat: 'moreReplicas' },
  },
  {
    message: 'another machine type',
    fleet: chat(
      { adapters: [ADAPTER], replicas: REPLICAS + 1 },
      { instanceType: 'Standard_NC40ads_H100_v5' },
    ),
    outcomes: { chat: 'machineType' },
  },
];

/** What a change of each part of a Workspace does to what runs: exactly what the documentation says. */
export async function updates(scenario: Scenario): Promise<void> {
  const { runner, delivery, repository } = scenario;
  let fleet = BASE;
  const isUp = await runner.check('the Workspaces that will be changed are up', async () => {
    render(scenario, fleet);
    const revision = await repository.commit('Render the Workspaces');
    await delivery.install(renderedNow(scenario), revision);
    await delivery.settled(renderedNow(scenario), revision);
  });
  if (!isUp) return;
  for (const { message, fleet: changed, outcomes } of STEPS) {
    let seen: ReadonlyMap<string, Observation> = new Map();
    fleet = { ...fleet, ...changed };
    const isDone = await runner.check(`${message}: is carried out`, async () => {
      seen = await observed(scenario, Object.keys(outcomes), async () => {
        render(scenario, fleet);
        const revision = await deliver(scenario, message);
        await delivery.settled(renderedNow(scenario), revision);
      });
    });
    if (!isDone) return;
    for (const [workspace, name] of Object.entries(outcomes)) {
      const outcome: Outcome = OUTCOMES[name];
      await runner.check(`${outcome.change}: ${sentence(outcome)}`, () => {
        const observation = seen.get(workspace);
        ok(observation !== undefined, `${workspace} was watched`);
        judge(observation, outcome);
        return Promise.resolve();
      });
    }
  }
}

function sentence({ workload, pods, nodes, answers }: Outcome): string {
  return `workload ${workload}, pods ${pods}, nodes ${nodes}, ${answers} can answer, no spare GPU`;
}

function judge(seen: Observation, { workload, pods, nodes, answers }: Outcome): void {
  equal(seen.isSameWorkload, workload === 'in place', 'whether the workload is the same object');
  equal(seen.keptPods, pods === 'kept' ? seen.podsBefore : 0, 'pods of before that are still there');
  if (workload === 'in place')
    equal(
      seen.keptNodes,
      nodes === 'kept' ? seen.nodesBefore : 0,
      'nodes of before that its pods are still on',
    );
  ok(
    seen.mostPods <= Math.max(seen.podsBefore, seen.podsAfter),
    `${seen.mostPods} pods held GPUs at once, ${seen.podsBefore} before and ${seen.podsAfter} after`,
  );
  if (workload === 'anew') return;
  const { fewestReady } = seen;
  if (answers === 'all') equal(fewestReady, seen.podsBefore, 'pods that could answer, at the worst');
  if (answers === 'all but one') {
    ok(
      fewestReady >= seen.podsBefore - 1 && fewestReady >= 1,
      `at the worst ${fewestReady} pods could answer`,
    );
  }
  if (answers === 'nobody')
    ok(fewestReady < seen.podsBefore, 'the documentation promises less than what is seen');
}

function render({ repository }: Scenario, fleet: Fleet): void {
  generateInto(repository, (program) => {
    const cluster = new ClusterConstruct(program, UPDATED_CLUSTER, {
      cloud: 'azure',
      secrets: { external: SECRETS },
    });
    for (const [name, props] of Object.entries(fleet)) new Workspace(cluster, name, props);
  });
}
