import fc from 'fast-check';
import type { WorkspaceProps } from '../../src';

const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Serving, with each field of its own and around it now and then. */
export const serving = fc
  .record({
    labels: rarely(fc.constant({ team: 'a', 'x.y/z': 'b' })),
    annotations: rarely(fc.constant({ 'example.com/owner': 'a', 'kaito.sh/enablelb': 'True' })),
    namespace: rarely(fc.constantFrom('chat', 'team-b')),
    resource: fc.record({
      instanceType: fc.constantFrom<string | string[]>('Standard_NC24ads_A100_v4', [
        'Standard_NC24ads_A100_v4',
        'Standard_NC40ads_H100_v5',
      ]),
      labelSelector: rarely(fc.constant({ matchLabels: { zone: 'a' } })),
      capacityType: rarely(fc.constantFrom('spot', 'spot-then-on-demand')),
      nodeCountLimit: rarely(fc.constantFrom(4, 8)),
    }),
    inference: fc.record({
      preset: fc.constantFrom({ name: 'phi-4-mini-instruct' }, { name: 'microsoft/phi-4' }),
      config: rarely(
        fc.constantFrom(
          { vllm: { 'max-num-seqs': 8, 'enforce-eager': null } },
          { vllm: { 'max-model-len': '8192' } },
        ),
      ),
      adapters: rarely(fc.constant([{ source: { name: 'a', image: 'registry.example.com/a:1' } }])),
      image: rarely(fc.constantFrom('kaito', { kind: 'vllm', reference: 'registry.example.com/vllm:1' })),
      concurrency: rarely(fc.constantFrom(1, 2)),
      servedName: rarely(fc.constant('chat/model')),
      multiNodeWorkload: rarely(fc.constantFrom('StatefulSet', 'LeaderWorkerSet')),
      weights: rarely(
        fc.constantFrom(
          { from: 'pvc', claimName: 'weights' },
          { from: 'download', volume: 'emptyDir' },
          { from: 'sharedPvc', storageClassName: 'files' },
          { from: 'image', reference: 'registry.example.com/w:1', format: 'image', mount: 'step' },
        ),
      ),
      rollout: rarely(fc.constantFrom({ maxUnavailable: 2 }, { maxUnavailable: '50%' })),
      performanceMode: rarely(fc.constant('throughput')),
    }),
    service: rarely(fc.constantFrom({ type: 'ClusterIP' }, { type: 'LoadBalancer' })),
    pod: rarely(
      fc.constantFrom(
        { env: [{ name: 'A', value: '1' }], priorityClassName: 'high' },
        { tolerations: [{ key: 'a', operator: 'Exists' }], labels: { tier: 'gold' } },
        {
          initContainers: [{ name: 'wait', image: 'registry.example.com/wait:1' }],
          sidecars: [{ name: 'logs', image: 'registry.example.com/logs:1' }],
          hostAliases: [{ ip: '10.0.0.5', hostnames: ['registry.example.com'] }],
          dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
        },
      ),
    ),
    autoscaling: rarely(
      fc.constantFrom({ maxReplicas: 3 }, { maxReplicas: 2, by: 'hpa', waitingRequests: 4 }),
    ),
    disruptionBudget: rarely(fc.constantFrom({}, { maxUnavailable: '50%' })),
    monitoring: rarely(fc.constantFrom({}, { dashboard: true, labels: { release: 'prometheus' } })),
    route: rarely(
      fc.constantFrom({
        gateway: { name: 'gateway', namespace: 'infra' },
        hostnames: ['a.example.com'],
        path: '/a',
      }),
    ),
    inferencePool: rarely(fc.constantFrom({}, { failureMode: 'FailClose' })),
    spread: rarely(fc.constant('node')),
    network: rarely(fc.constant({ callers: [{ namespace: 'apps' }] })),
  })
  .map((given) => JSON.parse(JSON.stringify(given)) as WorkspaceProps);

/** Fine-tuning, likewise. */
export const tuning = fc
  .record({
    resource: fc.constant({ instanceType: 'Standard_NC24ads_A100_v4' }),
    tuning: fc.record({
      preset: fc.constant({ name: 'phi-4-mini-instruct' }),
      method: rarely(fc.constantFrom('lora', 'qlora')),
      config: rarely(fc.constant({ training_config: { LoraConfig: { r: 16 } } })),
      input: fc.constantFrom(
        { urls: ['https://data.example.com/a.parquet'] },
        { image: 'registry.example.com/data:1' },
      ),
      output: fc.constantFrom(
        { image: 'registry.example.com/out:1', imagePushSecret: 'push' },
        { volumeSource: { persistentVolumeClaim: { claimName: 'out' } } },
      ),
    }),
    pod: rarely(fc.constant({ priorityClassName: 'low' })),
  })
  .map((given) => JSON.parse(JSON.stringify(given)) as WorkspaceProps);
