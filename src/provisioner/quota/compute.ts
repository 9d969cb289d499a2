import { toServiceError } from '../faults/from-error';
import { tlsOptions, type AzureConnection } from '../arm/connect';
import { isRecord } from '../record';
import { Recorder } from '../arm/recorder';

const SKUS_API_VERSION = '2021-07-01';
const USAGES_API_VERSION = '2024-07-01';
const ENDPOINTS = {
  AZURE_PUBLIC_CLOUD: 'https://management.azure.com',
  AZURE_CHINA_CLOUD: 'https://management.chinacloudapi.cn',
  AZURE_US_GOVERNMENT: 'https://management.usgovcloudapi.net',
} as const;

/** A machine type as the region offers it to the subscription. */
export interface OfferedSize {
  readonly name: string;
  /** Name of its quota, such as `standardNCADSA100v4Family`. */
  readonly family: string;
  readonly vcpus: number;
  /** Why the subscription cannot have it in the whole region, such as `NotAvailableForSubscription`. */
  readonly restriction: string | null;
}

/** A quota of the region, in vCPUs. */
export interface Usage {
  readonly name: string;
  readonly used: number;
  readonly limit: number;
}

/** The two lists of `Microsoft.Compute` that tell beforehand what would be refused. Both throw ServiceError. */
export interface AzureCompute {
  sizes(location: string): Promise<readonly OfferedSize[]>;
  usages(location: string): Promise<readonly Usage[]>;
}

/** AzureCompute over HTTP: two lists are not worth a client library of their own. */
export async function connectCompute(connection: AzureConnection, now: () => number): Promise<AzureCompute> {
  const {
    bearerTokenAuthenticationPolicy,
    createDefaultHttpClient,
    createPipelineFromOptions,
    createPipelineRequest,
  } = await import('@azure/core-rest-pipeline');
  const endpoint = (
    connection.endpoint ?? ENDPOINTS[connection.target.cloud ?? 'AZURE_PUBLIC_CLOUD']
  ).replace(/\/$/, '');
  const recorder = new Recorder();
  const pipeline = createPipelineFromOptions({
    retryOptions: { maxRetries: 0 },
    ...tlsOptions(connection.certificateAuthorities),
  });
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({
      credential: connection.credential,
      scopes: `${endpoint}/.default`,
    }),
    { phase: 'Sign' },
  );
  pipeline.addPolicy(recorder.policy(now), { beforePolicies: ['bearerTokenAuthenticationPolicy'] });
  const client = createDefaultHttpClient();
  const root = `${endpoint}/subscriptions/${connection.target.subscriptionId}/providers/Microsoft.Compute`;

  /** All pages of a list. */
  async function list(url: string): Promise<readonly Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    for (let next: string | undefined = url; next !== undefined;) {
      recorder.start();
      try {
        const response = await pipeline.sendRequest(client, createPipelineRequest({ url: next }));
        if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
        const page: unknown = JSON.parse(response.bodyAsText ?? '{}');
        if (!isRecord(page) || !Array.isArray(page['value'])) throw new Error('the answer is not a list');
        items.push(...page['value'].filter(isRecord));
        next = typeof page['nextLink'] === 'string' && page['nextLink'] ? page['nextLink'] : undefined;
      } catch (error) {
        throw toServiceError(error, recorder.exchanges);
      }
    }
    return items;
  }

  return {
    sizes: async (location) => {
      const filter = encodeURIComponent(`location eq '${location}'`);
      const items = await list(`${root}/skus?api-version=${SKUS_API_VERSION}&$filter=${filter}`);
      return items.filter((item) => item['resourceType'] === 'virtualMachines').map(offeredSize);
    },
    usages: async (location) => {
      const items = await list(
        `${root}/locations/${encodeURIComponent(location)}/usages?api-version=${USAGES_API_VERSION}`,
      );
      return items.map((item) => ({
        name: isRecord(item['name']) ? String(item['name']['value']) : '',
        used: Number(item['currentValue']),
        limit: Number(item['limit']),
      }));
    },
  };
}

function offeredSize(item: Record<string, unknown>): OfferedSize {
  const capabilities = Array.isArray(item['capabilities']) ? item['capabilities'].filter(isRecord) : [];
  const restrictions = Array.isArray(item['restrictions']) ? item['restrictions'].filter(isRecord) : [];
  // A restriction of type Zone leaves the region's regional placement free.
  const restriction = restrictions.find(({ type }) => type === 'Location');
  return {
    name: String(item['name']),
    family: String(item['family']),
    vcpus: Number(capabilities.find(({ name }) => name === 'vCPUs')?.['value'] ?? 0),
    restriction: restriction
      ? typeof restriction['reasonCode'] === 'string'
        ? restriction['reasonCode']
        : 'restricted'
      : null,
  };
}
