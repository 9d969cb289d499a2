import { POOLS_SCHEMA_VERSION } from './document';

const text = { type: 'string', minLength: 1 } as const;
const seconds = (defaultValue: number) =>
  ({ type: 'integer', minimum: 1, maximum: 86400, default: defaultValue }) as const;

/** JSON Schema of the pools document; `schemas/provisioner-pools.schema.json` is this object. */
export const POOLS_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://slipway.dev/schemas/provisioner-pools.schema.json',
  title: 'Slipway agent pools',
  description: 'The desired GPU agent pools of one AKS cluster, read by `slipway provision`.',
  type: 'object',
  required: ['schemaVersion', 'cluster', 'owner', 'pools'],
  additionalProperties: false,
  properties: {
    schemaVersion: { const: POOLS_SCHEMA_VERSION },
    cluster: {
      type: 'object',
      description:
        'The managed cluster. AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP and AKS_CLUSTER_NAME override it.',
      required: ['subscriptionId', 'resourceGroup', 'name'],
      additionalProperties: false,
      properties: {
        subscriptionId: { type: 'string', pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' },
        resourceGroup: { type: 'string', minLength: 1, maxLength: 90 },
        name: { type: 'string', pattern: '^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$' },
        cloud: { enum: ['AZURE_PUBLIC_CLOUD', 'AZURE_CHINA_CLOUD', 'AZURE_US_GOVERNMENT'] },
      },
    },
    owner: {
      description: 'Who owns the pools; the value of the Azure tag slipway-owner.',
      type: 'string',
      minLength: 1,
      maxLength: 256,
    },
    pools: { type: 'array', maxItems: 100, items: { $ref: '#/$defs/pool' } },
  },
  $defs: {
    pool: {
      type: 'object',
      required: ['name', 'candidates'],
      additionalProperties: false,
      properties: {
        name: { type: 'string', pattern: '^[a-z][a-z0-9]{0,11}$' },
        candidates: { type: 'array', minItems: 1, maxItems: 20, items: { $ref: '#/$defs/candidate' } },
        count: { type: 'integer', minimum: 0, maximum: 1000 },
        autoscale: {
          type: 'object',
          required: ['min', 'max'],
          additionalProperties: false,
          properties: {
            min: { type: 'integer', minimum: 0, maximum: 1000 },
            max: { type: 'integer', minimum: 1, maximum: 1000 },
          },
        },
        osSKU: { enum: ['Ubuntu', 'Ubuntu2204', 'Ubuntu2404', 'AzureLinux', 'AzureLinux3'] },
        osDiskSizeGB: { type: 'integer', minimum: 30, maximum: 2048 },
        osDiskType: { enum: ['Managed', 'Ephemeral'] },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        taints: { type: 'array', items: { type: 'string' }, uniqueItems: true },
        gpuDriver: { enum: ['Install', 'None'] },
        gpuInstanceProfile: { enum: ['MIG1g', 'MIG2g', 'MIG3g', 'MIG4g', 'MIG7g'] },
        maxPods: { type: 'integer', minimum: 10, maximum: 250 },
        subnetId: { type: 'string', pattern: '^/subscriptions/.+/subnets/[^/]+$' },
        tags: { type: 'object', maxProperties: 47, additionalProperties: { type: 'string', maxLength: 256 } },
        waitFor: {
          type: 'object',
          additionalProperties: false,
          properties: {
            level: { enum: ['arm', 'nodes', 'gpu'] },
            gpuResource: text,
            armTimeoutSeconds: seconds(1800),
            nodesTimeoutSeconds: seconds(900),
            gpuTimeoutSeconds: seconds(600),
          },
        },
      },
    },
    candidate: {
      type: 'object',
      required: ['vmSize'],
      additionalProperties: false,
      properties: {
        vmSize: { type: 'string', pattern: '^(Standard|Basic)_[A-Za-z0-9_-]+$' },
        gpusPerNode: { type: 'integer', minimum: 1, maximum: 16 },
        zones: {
          type: 'array',
          minItems: 1,
          uniqueItems: true,
          items: { type: 'string', pattern: '^[1-9]$' },
        },
        priority: { enum: ['Regular', 'Spot'] },
        spotMaxPrice: { type: 'number', minimum: -1 },
        evictionPolicy: { enum: ['Delete', 'Deallocate'] },
      },
    },
  },
} as const;
