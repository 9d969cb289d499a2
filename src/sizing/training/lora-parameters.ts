import type { Geometry } from '../../catalog/model';
import { layerKindsOf } from '../layer-kinds';
import { layerProjections, type Projection } from '../network';
import type { LoraShape } from './request';

/** Trained parameters: for each tuned projection a matrix of `rank` x inputs and one of outputs x `rank`, and whole tables. */
export function loraParameters(
  geometry: Geometry,
  { rank, targetModules, wholeTables = 0 }: LoraShape,
): number {
  const width = layerKindsOf(geometry).reduce(
    (sum, kind, index) => sum + layerWidth(layerProjections(geometry, kind, index), targetModules),
    0,
  );
  return Math.ceil(rank * width) + wholeTables * geometry.vocabSize * geometry.hiddenSize;
}

/**
 * Inputs and outputs of the tuned projections of one layer. Names tell a projection by its place in the usual layer
 * (query, key, value, output, gate, up, down); any other network is counted whole, which is never too little.
 */
function layerWidth(projections: readonly Projection[], targets: readonly string[] | null): number {
  const [query, key, value, output, gate, up, down, ...others] = projections;
  if (
    targets === null ||
    others.length > 0 ||
    query === undefined ||
    key === undefined ||
    value === undefined ||
    output === undefined ||
    gate === undefined ||
    up === undefined ||
    down === undefined
  ) {
    return widthOf(projections);
  }
  const modules: Readonly<Record<string, readonly Projection[]>> = {
    q_proj: [query],
    k_proj: [key],
    v_proj: [value],
    qkv_proj: [fused(query, key, value)],
    o_proj: [output],
    gate_proj: [gate],
    up_proj: [up],
    gate_up_proj: [fused(gate, up)],
    down_proj: [down],
  };
  const names = [...new Set(targets)];
  if (names.some((name) => modules[name] === undefined)) return widthOf(projections);
  return widthOf(names.flatMap((name) => modules[name] ?? []));
}

function widthOf(projections: readonly Projection[]): number {
  return projections.reduce((sum, { inputs, outputs, copies }) => sum + copies * (inputs + outputs), 0);
}

/** Several projections of the same input in one weight: the matrix on the side of the inputs is there once. */
function fused(first: Projection, ...others: readonly Projection[]): Projection {
  return {
    ...first,
    outputs: others.reduce((sum, { outputs }) => sum + outputs, first.outputs),
  };
}
