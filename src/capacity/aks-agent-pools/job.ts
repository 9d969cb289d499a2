import type { Job, JobSpec } from 'kubernetes-types/batch/v1';
import type { EnvVar, PodSpec, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { Construct } from 'constructs';
import type { Egress } from '../../workload/egress';
import { contentHash, withSuffix } from '../../workload/names';
import { addObject } from '../../workload/object';
import { containerSecurityContext, podSecurityContext } from '../../workload/security';
import { PROVISIONING_WAVE } from '../waves';
import { POOLS_FILE } from './config-map';
import { metadataOf, NAME, SELECTOR, type Target } from './names';

const REPOSITORY = 'ghcr.io/slipway-dev';
const IMAGE = 'cli:0.1.0';
const USER = { uid: 65532, gid: 65532, name: 'nonroot', home: '/home/nonroot' } as const;

const POOLS_FOLDER = '/etc/slipway/pools';
const POOLS_VOLUME = 'pools';
/** Names and places of the workload identity webhook: where it is installed it finds everything there already. */
const TOKEN_FOLDER = '/var/run/secrets/azure/tokens';
const TOKEN_FILE = 'azure-identity-token';
const TOKEN_VOLUME = 'azure-identity-token';
const TOKEN_AUDIENCE = 'api://AzureADTokenExchange';
const TOKEN_SECONDS = 3600;
/** Where Entra ID answers, by Azure's cloud. */
const AUTHORITY_HOSTS = {
  AZURE_PUBLIC_CLOUD: 'https://login.microsoftonline.com/',
  AZURE_CHINA_CLOUD: 'https://login.chinacloudapi.cn/',
  AZURE_US_GOVERNMENT: 'https://login.microsoftonline.us/',
} as const;

/** Longest that the program waits for one pool unless the cluster says otherwise: Azure, nodes and GPUs, in seconds. */
const WAIT_SECONDS = { arm: 1800, nodes: 900, gpu: 600 } as const;
/** Pools are made one after another; a GPU pool takes some five to ten minutes. */
const SECONDS_FOR_EACH_POOL = 600;
/** The program stops waiting for others this long before Kubernetes stops the program. */
const DEADLINE_MARGIN_SECONDS = 300;
/** Exit codes that another try cannot change: illegal request, drift, foreign pool, no capacity, no right. */
const HOPELESS_EXIT_CODES = [2, 3, 4, 5, 7];
const BACKOFF_LIMIT = 2;

/**
 * Make the Job that runs `slipway provision apply`. For Argo CD it is a hook of the sync, which runs at each one and is
 * cheap when there is nothing to do; for Flux its name holds a hash of its content, so a change is a new Job.
 */
export function addJob(
  scope: Construct,
  target: Target,
  configMap: string,
  pools: number,
  egress: Egress,
): void {
  const spec = jobSpec(target, configMap, pools, egress);
  const isHook = target.cluster.gitOps === 'argocd';
  const name = isHook ? NAME : withSuffix(NAME, contentHash(spec));
  const metadata = metadataOf(target, name);
  const annotations = {
    'argocd.argoproj.io/hook': 'Sync',
    'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
    ...PROVISIONING_WAVE,
  };
  addObject(scope, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: isHook ? { ...metadata, annotations } : metadata,
    spec,
  } satisfies Job);
}

function jobSpec(target: Target, configMap: string, pools: number, egress: Egress): JobSpec {
  const deadlineSeconds = deadlineOf(target, pools);
  return {
    backoffLimit: BACKOFF_LIMIT,
    activeDeadlineSeconds: deadlineSeconds,
    podFailurePolicy: {
      rules: [
        {
          action: 'FailJob',
          onExitCodes: { containerName: NAME, operator: 'In', values: HOPELESS_EXIT_CODES },
        },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      ],
    },
    template: {
      metadata: { labels: { ...SELECTOR, 'azure.workload.identity/use': 'true' } },
      spec: podSpec(target, configMap, deadlineSeconds, egress),
    },
  };
}

/** Seconds for the whole run: enough for one pool at its limits, or for all pools one after another. */
function deadlineOf({ provisioning }: Target, pools: number): number {
  const { armTimeoutSeconds, nodesTimeoutSeconds, gpuTimeoutSeconds } = provisioning.pools?.waitFor ?? {};
  const onePool =
    (armTimeoutSeconds ?? WAIT_SECONDS.arm) +
    (nodesTimeoutSeconds ?? WAIT_SECONDS.nodes) +
    (gpuTimeoutSeconds ?? WAIT_SECONDS.gpu);
  return Math.max(onePool + DEADLINE_MARGIN_SECONDS, pools * SECONDS_FOR_EACH_POOL);
}

function podSpec(target: Target, configMap: string, deadlineSeconds: number, egress: Egress): PodSpec {
  const { cluster } = target;
  const volumeMounts: VolumeMount[] = [
    { name: POOLS_VOLUME, mountPath: POOLS_FOLDER, readOnly: true },
    { name: TOKEN_VOLUME, mountPath: TOKEN_FOLDER, readOnly: true },
    ...egress.volumeMounts,
  ];
  const volumes: Volume[] = [
    { name: POOLS_VOLUME, configMap: { name: configMap } },
    {
      name: TOKEN_VOLUME,
      projected: {
        sources: [
          {
            serviceAccountToken: {
              path: TOKEN_FILE,
              audience: TOKEN_AUDIENCE,
              expirationSeconds: TOKEN_SECONDS,
            },
          },
        ],
      },
    },
    ...egress.volumes,
  ];
  return {
    serviceAccountName: NAME,
    automountServiceAccountToken: true,
    restartPolicy: 'Never',
    ...(cluster.imagePullSecrets.length > 0 && {
      imagePullSecrets: cluster.imagePullSecrets.map((name) => ({ name })),
    }),
    // The nodes that it makes do not exist yet, and it must not keep one of them busy.
    nodeSelector: { 'kubernetes.azure.com/mode': 'system' },
    tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
    securityContext: podSecurityContext(USER),
    containers: [
      {
        name: NAME,
        image: `${(cluster.imageRegistry ?? REPOSITORY).replace(/\/+$/, '')}/${IMAGE}`,
        args: [
          'provision',
          'apply',
          ...['--pools', `${POOLS_FOLDER}/${POOLS_FILE}`, '--log', 'json'],
          ...['--timeout', String(deadlineSeconds - DEADLINE_MARGIN_SECONDS)],
          ...['--termination-log', '/dev/termination-log'],
          ...(target.provisioning.allowScaleDown ? ['--allow-scale-down'] : []),
        ],
        env: environment(target, egress),
        // Both client libraries loaded take some 120 MiB (measured on Node 20).
        resources: { requests: { cpu: '50m', memory: '192Mi' }, limits: { memory: '512Mi' } },
        securityContext: containerSecurityContext(),
        volumeMounts,
      },
    ],
    volumes,
  };
}

function environment({ provisioning }: Target, egress: Egress): EnvVar[] {
  const bundle = egress.env.find(({ name }) => name === 'SSL_CERT_FILE')?.value;
  return [
    { name: 'AZURE_AUTHORITY_HOST', value: AUTHORITY_HOSTS[provisioning.azureCloud ?? 'AZURE_PUBLIC_CLOUD'] },
    { name: 'AZURE_CLIENT_ID', value: provisioning.clientId },
    { name: 'AZURE_FEDERATED_TOKEN_FILE', value: `${TOKEN_FOLDER}/${TOKEN_FILE}` },
    { name: 'AZURE_TENANT_ID', value: provisioning.tenantId },
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    { name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
    ...egress.env,
    // Node reads its own variable.
    ...(bundle === undefined ? [] : [{ name: 'NODE_EXTRA_CA_CERTS', value: bundle }]),
  ];
}
