import type { MachineType } from '../catalog/machine';

/** US dollars an hour of so many nodes, to a hundredth of a cent; null where no price is known. */
export function pricePerHour(machine: MachineType, nodes: number): number | null {
  const { perHour } = machine.price;
  return perHour === null ? null : Math.round(perHour * nodes * 10000) / 10000;
}
