/** What the fake refuses, as AKS does. */

/** Properties of an agent pool that its PUT may hold (API 2026-04-01). */
const WRITABLE = new Set([
  'artifactStreamingProfile',
  'availabilityZones',
  'capacityReservationGroupID',
  'count',
  'creationData',
  'enableAutoScaling',
  'enableEncryptionAtHost',
  'enableFIPS',
  'enableNodePublicIP',
  'enableUltraSSD',
  'gpuInstanceProfile',
  'gpuProfile',
  'hostGroupID',
  'kubeletConfig',
  'kubeletDiskType',
  'linuxOSConfig',
  'localDNSProfile',
  'maxCount',
  'maxPods',
  'messageOfTheDay',
  'minCount',
  'mode',
  'networkProfile',
  'nodeLabels',
  'nodePublicIPPrefixID',
  'nodeTaints',
  'orchestratorVersion',
  'osDiskSizeGB',
  'osDiskType',
  'osSKU',
  'osType',
  'podIPAllocationMode',
  'podSubnetID',
  'proximityPlacementGroupID',
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

/** What no update may change; to leave one of them out is to change it, for a PUT replaces the pool. */
const IMMUTABLE = [
  'vmSize',
  'availabilityZones',
  'capacityReservationGroupID',
  'creationData',
  'enableEncryptionAtHost',
  'enableFIPS',
  'enableNodePublicIP',
  'enableUltraSSD',
  'hostGroupID',
  'kubeletConfig',
  'kubeletDiskType',
  'linuxOSConfig',
  'messageOfTheDay',
  'nodePublicIPPrefixID',
  'podSubnetID',
  'proximityPlacementGroupID',
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
  'type',
  'workloadRuntime',
];

const LABEL_KEY = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/;
const TAINT = /^([^=:]+)=([^=:]*):(NoSchedule|PreferNoSchedule|NoExecute)$/;
const RESERVED = 'kubernetes.azure.com/';
/** Machines whose GPUs can be split. */
const MIG_CAPABLE = /A100|H100|H200|GB200/;

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
  const refusal =
    scalingRefusal(properties, existing) ??
    labelRefusal(properties, existing) ??
    taintRefusal(properties, existing) ??
    spotRefusal(properties) ??
    gpuRefusal(properties);
  if (refusal) return refusal;
  const tags = Object.entries((properties['tags'] ?? {}) as Record<string, string>);
  if (tags.length > 50) return bad('InvalidParameter', 'More than 50 tags.');
  const tag = tags.find(([key, value]) => /[<>%&\\?/]/.test(key) || key.length > 512 || value.length > 256);
  if (tag) return bad('InvalidTagNameCharacters', `The tag ${tag[0]} is not allowed.`);
  if (!existing) return undefined;
  const changed = IMMUTABLE.find(
    (field) => JSON.stringify(properties[field] ?? null) !== JSON.stringify(existing[field] ?? null),
  );
  return changed
    ? bad('PropertyChangeNotAllowed', `Changing property 'properties.${changed}' is not allowed.`)
    : undefined;
}

function labelRefusal(properties: Properties, existing: Properties | undefined): WireError | undefined {
  const kept = (existing?.['nodeLabels'] ?? {}) as Record<string, string>;
  for (const [key, value] of Object.entries((properties['nodeLabels'] ?? {}) as Record<string, string>)) {
    if (!LABEL_KEY.test(key) || !LABEL_VALUE.test(value)) {
      return bad('InvalidParameter', `The node label ${key}=${value} is invalid.`);
    }
    if (key.startsWith(RESERVED) && !(key in kept)) {
      return bad('InvalidParameter', `Label ${key} has a reserved prefix.`);
    }
  }
  return undefined;
}

function taintRefusal(properties: Properties, existing: Properties | undefined): WireError | undefined {
  const kept = (existing?.['nodeTaints'] ?? []) as string[];
  for (const taint of (properties['nodeTaints'] ?? []) as string[]) {
    const [, key = '', value = ''] = TAINT.exec(taint) ?? [];
    if (!LABEL_KEY.test(key) || !LABEL_VALUE.test(value)) {
      return bad('InvalidParameter', `The node taint ${taint} is invalid: key=value:effect is expected.`);
    }
    if (taint.startsWith(RESERVED) && !kept.includes(taint)) {
      return bad('InvalidParameter', `Taint ${taint} has a reserved prefix.`);
    }
  }
  return undefined;
}

function spotRefusal(properties: Properties): WireError | undefined {
  if (properties['scaleSetPriority'] === 'Spot') return undefined;
  const spotOnly = ['scaleSetEvictionPolicy', 'spotMaxPrice'].find(
    (field) => properties[field] !== undefined,
  );
  return spotOnly ? bad('InvalidParameter', `${spotOnly} needs scaleSetPriority Spot.`) : undefined;
}

function gpuRefusal(properties: Properties): WireError | undefined {
  const vmSize = String(properties['vmSize']);
  if (properties['gpuProfile'] !== undefined && !vmSize.startsWith('Standard_N')) {
    return bad('InvalidParameter', `gpuProfile is not supported on ${vmSize}.`);
  }
  if (properties['gpuInstanceProfile'] !== undefined && !MIG_CAPABLE.test(vmSize)) {
    return bad('InvalidParameter', `gpuInstanceProfile is not supported on ${vmSize}.`);
  }
  return undefined;
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
    if (!existing && (typeof count !== 'number' || count < minCount || count > maxCount)) {
      return bad('InvalidParameter', 'count must be between minCount and maxCount.');
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
    enableFIPS: false,
    enableNodePublicIP: false,
    enableUltraSSD: false,
    securityProfile: { enableVTPM: false, enableSecureBoot: false },
    ...(spot ? {} : { upgradeSettings: { maxSurge: '10%', maxUnavailable: '0' } }),
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
