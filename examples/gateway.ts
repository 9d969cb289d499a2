// Two models behind one host of a Gateway: callers choose by the model's name, an endpoint picker chooses the replica, and
// the number of replicas follows the load. Only the frontend may call, and pods reach only what they need.
import { Cluster, Workspace, type Fleet } from 'slipway';

export function gateway(fleet: Fleet): Cluster {
  const cluster = new Cluster(fleet, 'shared', {
    cloud: 'azure',
    region: 'eastus',
    gitOps: 'flux',
    gateway: { name: 'public', namespace: 'gateways' },
    budget: { usdPerHour: 80, namespaces: { models: { gpus: 8 } } },
    priorityClasses: { 'serving-models': { value: 100_000, description: 'models that people wait for' } },
    defaults: {
      namespace: 'models',
      network: { callers: [{ namespace: 'frontend' }], destinations: [] },
      pod: { priorityClassName: 'serving-models' },
    },
  });
  const route = { hostnames: ['llm.example.com'], byModelName: true };

  new Workspace(cluster, 'assistant', {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: 'phi-4-mini-instruct' }, contextLength: 32768 },
    autoscaling: { minReplicas: 1, maxReplicas: 4, waitingRequests: 8 },
    route,
    inferencePool: {},
    disruptionBudget: {},
    monitoring: { dashboard: true },
  });
  // No GPU while nobody asks: the application counts its questions, and the first one starts a replica.
  new Workspace(cluster, 'coder', {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: 'qwen2.5-coder-7b-instruct' } },
    autoscaling: {
      minReplicas: 0,
      maxReplicas: 2,
      wakeQuery: 'sum(rate(frontend_code_questions_total[5m]))',
    },
    route,
    inferencePool: { failureMode: 'FailClose' },
    monitoring: {},
  });
  return cluster;
}
