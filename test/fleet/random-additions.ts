import fc from 'fast-check';

const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** What a user adds to pods: a few of the fields at a time. */
export const pod = fc.constantFrom<object>(
  { env: [{ name: 'A', value: '1' }], priorityClassName: 'high' },
  { tolerations: [{ key: 'a', operator: 'Exists' }], labels: { tier: 'gold' }, annotations: { note: 'x' } },
  {
    initContainers: [{ name: 'wait', image: 'registry.example.com/wait:1' }],
    sidecars: [{ name: 'logs', image: 'registry.example.com/logs:1', ports: [{ containerPort: 9100 }] }],
    hostAliases: [{ ip: '10.0.0.5', hostnames: ['registry.example.com'] }],
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['10.0.0.53'], options: [{ name: 'ndots', value: '2' }] },
  },
  {
    volumes: [{ name: 'extra', emptyDir: {} }],
    volumeMounts: [{ name: 'extra', mountPath: '/extra' }],
    imagePullSecrets: ['reg'],
    resources: { cpu: '4', memory: '32Gi' },
  },
  {
    nodeSelector: { 'topology.kubernetes.io/zone': 'a' },
    affinity: { podAntiAffinity: {} },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway' }],
    schedulerName: 'volcano',
    runtimeClassName: 'nvidia',
    serviceAccountName: 'model',
    terminationGracePeriodSeconds: 120,
  },
);

/** Who may call, and what may be reached. */
export const network = fc.constantFrom<object>(
  { callers: [{ namespace: 'apps' }] },
  { callers: [], destinations: [{ host: 'api.example.com' }, { cidr: '10.0.0.0/8', port: 5432 }] },
);

/** What stands around a served model. */
export const operations = {
  autoscaling: rarely(
    fc.constantFrom<object>(
      { maxReplicas: 3, prometheusAddress: 'http://prometheus.example.com' },
      { maxReplicas: 2, by: 'hpa', waitingRequests: 4 },
      { minReplicas: 0, maxReplicas: 2, wakeQuery: 'sum(requests)', cooldownSeconds: 60 },
    ),
  ),
  disruptionBudget: rarely(fc.constantFrom<object>({}, { maxUnavailable: '50%' })),
  monitoring: rarely(
    fc.constantFrom<object>(
      {},
      { dashboard: true, labels: { release: 'prometheus' }, namespace: 'metrics', intervalSeconds: 30 },
    ),
  ),
  route: rarely(
    fc.constantFrom<object>(
      { gateway: { name: 'gateway', namespace: 'infra' }, hostnames: ['a.example.com'], path: '/a' },
      { gateway: { name: 'gateway', namespace: 'infra' }, byModelName: true },
    ),
  ),
  inferencePool: rarely(
    fc.constantFrom<object>(
      {},
      { failureMode: 'FailClose', image: 'registry.example.com/epp:1' },
      {
        pickerConfig: {
          plugins: [{ type: 'queue-scorer' }],
          schedulingProfiles: [{ name: 'default', plugins: [{ pluginRef: 'queue-scorer', weight: 1 }] }],
        },
      },
    ),
  ),
  spread: rarely(fc.constantFrom('node', 'zone')),
};
