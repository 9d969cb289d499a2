import type { Catalog } from '../../catalog/catalog';
import type { MachineType } from '../../catalog/machine';
import type { Misfit, Placement, SizingAnswer } from '../../sizing/placement';
import { cheapestFirst, size } from '../../sizing/size';
import { smallestFirst } from '../../sizing/smallest-first';
import type { Subjects } from './subjects';
import type { Wishes } from './wishes';

/** Alternatives that an answer offers at most. */
const MAX_ALTERNATIVES = 5;

/** The answer to a question about one machine type, or of a search. */
export interface SizeAnswer {
  readonly subjects: Subjects;
  /** Null when nothing fits. */
  readonly placement: Placement | null;
  readonly misfit: Misfit | null;
  /** Other machine types of the cloud that fit, the cheapest first. */
  readonly alternatives: readonly Placement[];
  /** Why it does not fit, and what does; null when it fits. */
  readonly reason: string | null;
}

/** Sizes the model on the machine asked for, or on the cheapest that fits. */
export function answer(subjects: Subjects, wishes: Wishes, catalog: Catalog): SizeAnswer {
  const { model, machine, cloud } = subjects;
  const candidates = catalog.machines(cloud).filter(isCurrent);
  if (machine === null) {
    const found = size({ model, machines: candidates, ...wishes });
    const [placement = null, ...rest] = cheapestFirst(found);
    const nearest = nearestMisfit(found);
    return {
      subjects,
      placement,
      misfit: placement ? null : nearest,
      alternatives: rest.slice(0, MAX_ALTERNATIVES),
      reason: placement ? null : `no machine type of ${cloud} fits: ${nearest?.reason ?? 'none is known'}`,
    };
  }
  const asked = size({ model, machines: [machine], ...wishes });
  const [placement = null] = asked.placements;
  const [misfit = null] = asked.misfits;
  const others = candidates.filter(({ name }) => name !== machine.name);
  const elsewhere = size({ model, machines: others, ...withoutNodes(wishes) });
  return {
    subjects,
    placement,
    misfit,
    alternatives: cheapestFirst(elsewhere).slice(0, MAX_ALTERNATIVES),
    reason: misfit ? `${misfit.reason}; ${smallest(elsewhere)}` : null,
  };
}

/** A count of nodes belongs to the machine that it was said for. */
function withoutNodes(wishes: Wishes): Wishes {
  const { runtime, contextLength, concurrency, gpuMemoryUtilization, engine } = wishes;
  return {
    runtime,
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(gpuMemoryUtilization === undefined ? {} : { gpuMemoryUtilization }),
    ...(engine === undefined ? {} : { engine }),
  };
}

function isCurrent(machine: MachineType): boolean {
  return machine.status === 'current' && machine.unfit === null;
}

function smallest(found: SizingAnswer): string {
  const [first] = smallestFirst(found);
  if (!first) return 'no current type of its cloud fits';
  const { machine, nodes } = first;
  return `the smallest current type that fits is ${nodes === 1 ? '' : `${nodes} x `}${machine.name}`;
}

/** The misfit that lacks least. */
function nearestMisfit({ misfits }: SizingAnswer): Misfit | null {
  const [nearest = null] = misfits.toSorted(
    (a, b) => (a.missingBytes ?? Infinity) - (b.missingBytes ?? Infinity),
  );
  return nearest;
}
