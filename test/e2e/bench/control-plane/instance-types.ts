import type { MachineType } from '../../../../src/catalog/machine';

/** What the bench takes from the catalogue. */
export interface Machine extends Pick<MachineType, 'name' | 'arch' | 'vcpus' | 'memoryBytes'> {
  readonly gpu: Pick<MachineType['gpu'], 'vendor' | 'count'>;
  readonly price: Pick<MachineType['price'], 'perHour' | 'spotPerHour'>;
}

/** An instance type as Karpenter's kwok provider reads it. */
export interface InstanceType {
  readonly name: string;
  readonly architecture: string;
  readonly operatingSystems: readonly string[];
  readonly resources: Readonly<Record<string, string>>;
  readonly offerings: readonly Offering[];
}

interface Offering {
  readonly Price: number;
  readonly Available: boolean;
  readonly Requirements: readonly {
    readonly key: string;
    readonly operator: 'In';
    readonly values: readonly string[];
  }[];
}

const ZONE = 'zone-1';
/** Far above every price list: a machine type without a price is chosen last. */
const UNKNOWN_PRICE = 10_000;
/** How a machine's disk is sized is the node class's business, which the kwok provider has not. */
const EPHEMERAL_STORAGE = '8Ti';

/**
 * The catalogue as instance types: what the real scheduler and Karpenter judge our numbers by. Machine types with
 * parts of a GPU are left out: their GPU resource depends on the driver's settings.
 */
export function instanceTypes(machines: readonly Machine[]): readonly InstanceType[] {
  return machines.flatMap((machine) => {
    const { count, vendor } = machine.gpu;
    if (count === null || !Number.isInteger(count) || machine.vcpus === null || machine.memoryBytes === null)
      return [];
    return [
      {
        name: machine.name,
        architecture: machine.arch,
        operatingSystems: ['linux'],
        resources: {
          cpu: String(machine.vcpus),
          memory: String(machine.memoryBytes),
          pods: '110',
          'ephemeral-storage': EPHEMERAL_STORAGE,
          [`${vendor}.com/gpu`]: String(count),
        },
        offerings: [
          offering('on-demand', machine.price.perHour),
          offering('spot', machine.price.spotPerHour ?? machine.price.perHour),
        ],
      },
    ];
  });
}

/** The same with some machine types sold out. The kwok provider takes every offering for available, so they are left out. */
export function soldOut(
  types: readonly InstanceType[],
  isSoldOut: (name: string) => boolean,
): readonly InstanceType[] {
  return types.filter(({ name }) => !isSoldOut(name));
}

function offering(capacityType: string, price: number | null): Offering {
  return {
    Price: price ?? UNKNOWN_PRICE,
    Available: true,
    Requirements: [
      { key: 'karpenter.sh/capacity-type', operator: 'In', values: [capacityType] },
      { key: 'topology.kubernetes.io/zone', operator: 'In', values: [ZONE] },
    ],
  };
}
