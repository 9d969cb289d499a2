import type { Placement } from '../../sizing/placement';
import type { SizeAnswer } from './answer';

/** The answer as one JSON object: fields that other programs rely on. */
export function jsonAnswer({ subjects, placement, misfit, alternatives, reason }: SizeAnswer): object {
  return {
    model: subjects.model.name,
    machine: (placement?.machine ?? misfit?.machine ?? subjects.machine)?.name ?? null,
    fits: placement !== null,
    nodes: placement?.nodes ?? null,
    gpusPerNode: placement?.gpusPerNode ?? null,
    tensorParallel: placement?.tensorParallel ?? null,
    pipelineParallel: placement?.pipelineParallel ?? null,
    dataParallel: placement?.dataParallel ?? null,
    maxContext: placement?.maxContext ?? null,
    kvTokens: placement?.kvTokens ?? null,
    usableBytes: placement?.usableBytes ?? misfit?.machine.gpu.usableBytes ?? null,
    ledger: (placement?.ledger ?? []).map(({ item, bytes }) => ({ item, bytes })),
    pricePerHour: placement?.pricePerHour ?? null,
    alternatives: alternatives.map(jsonAlternative),
    reason,
  };
}

/** The same fields when the question itself is wrong. */
export function jsonRefusal(model: string, machine: string | undefined, reason: string): object {
  return {
    model,
    machine: machine ?? null,
    fits: false,
    nodes: null,
    gpusPerNode: null,
    tensorParallel: null,
    pipelineParallel: null,
    dataParallel: null,
    maxContext: null,
    kvTokens: null,
    usableBytes: null,
    ledger: [],
    pricePerHour: null,
    alternatives: [],
    reason,
  };
}

function jsonAlternative(placement: Placement): object {
  const { machine, nodes, gpusPerNode, maxContext, kvTokens, pricePerHour } = placement;
  return { machine: machine.name, nodes, gpusPerNode, maxContext, kvTokens, pricePerHour };
}
