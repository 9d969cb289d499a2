/** What the fake refuses, as AKS does. */

/** Properties of an agent pool that its PUT may hold (API 2026-04-01). */
const WRITABLE = new Set([
  'availabilityZones',
  'count',
  'enableAutoScaling',
  'enableEncryptionAtHost',
  'enableFIPS',
  'enableNodePublicIP',
  'enableUltraSSD',
  'gpuInstanceProfile',
  'gpuProfile',
  'kubeletDiskType',
  'maxCount',
  'maxPods',
  'minCount',
  'mode',
  'nodeLabels',
  'nodeTaints',
  'orchestratorVersion',
  'osDiskSizeGB',
  'osDiskType',
  'osSKU',
  'osType',
  'scaleDownMode',
  'scaleSetEvictionPolicy',
  'scaleSetPriority',
  'securityProfile',
  'spotMaxPrice',
  'tags',
  'type',
  'upgradeSettings',
  'vmSize',
  'vnetSubnetID',
  'workloadRuntime',
]);

const IMMUTABLE = [
  'vmSize',
  'availabilityZones',
  'scaleSetPriority',
  'scaleSetEvictionPolicy',
  'spotMaxPrice',
  'maxPods',
  'osDiskType',
  'osDiskSizeGB',
  'gpuProfile',
  'gpuInstanceProfile',
  'vnetSubnetID',
  'osType',
];

/** Properties of a pool on the wire. */
export type Properties = Record<string, unknown>;

/** An error body. */
export interface WireError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const bad = (code: string, message: string): WireError => ({ status: 400, code, message });

/** What is wrong with a PUT of `properties`, when `existing` is there. */
export function refusalOf(
  name: string,
  properties: Properties,
  existing: Properties | undefined,
): WireError | undefined {
  if (!/^[a-z][a-z0-9]{0,11}$/.test(name))
    return bad('InvalidParameter', `The agent pool name ${name} is invalid.`);
  const unknown = Object.keys(properties).find((key) => !WRITABLE.has(key));
  if (unknown) return bad('InvalidParameter', `Property ${unknown} is not writable.`);
  if (typeof properties['vmSize'] !== 'string') return bad('InvalidParameter', 'vmSize is required.');
  if (properties['type'] !== 'VirtualMachineScaleSets') return bad('InvalidParameter', 'type is required.');
  if (properties['mode'] !== 'User') return bad('InvalidParameter', 'mode must be User here.');
  const scaling = scalingRefusal(properties, existing);
  if (scaling) return scaling;
  const labels = (properties['nodeLabels'] ?? {}) as Record<string, string>;
  const kept = (existing?.['nodeLabels'] ?? {}) as Record<string, string>;
  for (const key of Object.keys(labels)) {
    if (key.startsWith('kubernetes.azure.com/') && !(key in kept)) {
      return bad('InvalidParameter', `Label ${key} has a reserved prefix.`);
    }
  }
  if (Object.keys(properties['tags'] ?? {}).length > 50) {
    return bad('InvalidParameter', 'More than 50 tags.');
  }
  if (!existing) return undefined;
  const changed = IMMUTABLE.find(
    (field) => JSON.stringify(properties[field] ?? null) !== JSON.stringify(existing[field] ?? null),
  );
  return changed
    ? bad('PropertyChangeNotAllowed', `Changing property 'properties.${changed}' is not allowed.`)
    : undefined;
}

function scalingRefusal(properties: Properties, existing: Properties | undefined): WireError | undefined {
  const { count, minCount, maxCount } = properties;
  if (properties['enableAutoScaling'] === true) {
    if (typeof minCount !== 'number' || typeof maxCount !== 'number' || minCount > maxCount) {
      return bad('InvalidParameter', 'minCount and maxCount are required, in order.');
    }
    if (existing && count !== undefined) {
      return bad('InvalidParameter', 'count belongs to the autoscaler.');
    }
    return undefined;
  }
  if (minCount !== undefined || maxCount !== undefined) {
    return bad('InvalidParameter', 'minCount and maxCount need enableAutoScaling.');
  }
  return typeof count !== 'number' || count < 0 || count > 1000
    ? bad('InvalidParameter', 'count must be 0 to 1000.')
    : undefined;
}

/** `properties` with what Azure adds by itself. */
export function withDefaults(properties: Properties): Properties {
  const spot = properties['scaleSetPriority'] === 'Spot';
  return {
    osDiskSizeGB: 128,
    osDiskType: 'Managed',
    osSKU: 'Ubuntu',
    maxPods: 110,
    kubeletDiskType: 'OS',
    scaleDownMode: 'Delete',
    ...properties,
    nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202611.01.0',
    orchestratorVersion: '1.33',
    currentOrchestratorVersion: '1.33.4',
    powerState: { code: 'Running' },
    ...(spot
      ? {
          nodeLabels: {
            ...(properties['nodeLabels'] as object),
            'kubernetes.azure.com/scalesetpriority': 'spot',
          },
          nodeTaints: [
            ...new Set([
              ...((properties['nodeTaints'] ?? []) as string[]),
              'kubernetes.azure.com/scalesetpriority=spot:NoSchedule',
            ]),
          ],
        }
      : {}),
  };
}
