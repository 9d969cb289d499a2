// A small production fleet: two clouds, both GitOps engines, a gated model, a model over several GPUs, one over several
// nodes, and a list of machine types to fall back on.
import { Cluster, Workspace, type Fleet } from 'slipway';

export function production(fleet: Fleet): void {
  const europe = new Cluster(fleet, 'prod-azure', {
    cloud: 'azure',
    region: 'westeurope',
    gitOps: 'argocd',
    defaults: { labels: { 'cost-center': 'ml-platform' } },
  });
  new Workspace(europe, 'assistant', {
    namespace: 'chat',
    resource: { instanceType: ['Standard_NC40ads_H100_v5', 'Standard_NC24ads_A100_v4'] },
    inference: { preset: { name: 'qwen3.6-27b' }, contextLength: 32768, concurrency: 4, replicas: 2 },
  });
  new Workspace(europe, 'coder', {
    namespace: 'engineering',
    inference: { preset: { name: 'qwen2.5-coder-32b-instruct' } },
  });
  new Workspace(europe, 'llama', {
    namespace: 'chat',
    resource: { instanceType: 'Standard_NC48ads_A100_v4', count: 2 },
    inference: {
      preset: { name: 'llama-3.3-70b-instruct', presetOptions: { modelAccessSecret: 'hf-token' } },
    },
  });

  const america = new Cluster(fleet, 'prod-aws', {
    cloud: 'aws',
    region: 'us-east-1',
    gitOps: 'flux',
    nodeProvisioning: { kind: 'karpenter', aws: { role: 'KarpenterNodeRole-prod-aws' } },
  });
  new Workspace(america, 'reasoner', {
    namespace: 'research',
    resource: { instanceType: 'p5.48xlarge' },
    inference: { preset: { name: 'gpt-oss-120b' }, image: 'vllm' },
  });
}
