import { expandLayers } from './layers';
import type { Geometry, LayerKind, Model } from './model';

/** Something in a preset that its schema cannot say. */
export interface ModelFault {
  readonly code: string;
  readonly field: string;
  readonly message: string;
  readonly next?: string;
}

type Shape = 'full' | 'sliding' | 'chunked' | 'mla' | 'linear' | 'compressed';

/** The parts of the geometry that describe layers of a kind; `mlp` layers need none. */
const SHAPES_OF: Readonly<Record<LayerKind, readonly Shape[]>> = {
  full: ['full'],
  sliding: ['sliding'],
  chunked: ['chunked'],
  mla: ['mla'],
  linear: ['linear'],
  parallel: ['full', 'linear'],
  mlp: [],
  csa: ['compressed'],
  hca: ['compressed'],
  window: ['compressed'],
};

const STATE_FIELDS = {
  Mamba1: ['channels', 'stateSize'],
  Mamba2: ['heads', 'headDim', 'stateSize', 'groups'],
  GatedDeltaNet: ['keyHeads', 'keyHeadDim', 'valueHeads', 'valueHeadDim'],
  KDA: ['heads', 'headDim'],
  ShortConv: ['channels'],
  Lightning: ['heads', 'headDim'],
} as const;

/** Faults of a model that passes its schema: figures that do not agree with each other. */
export function modelFaults(model: Model): ModelFault[] {
  return [...shapeFaults(model.geometry), ...stateFaults(model.geometry), ...sizeFaults(model)];
}

function shapeFaults(geometry: Geometry): ModelFault[] {
  const kinds = new Set(expandLayers(geometry.layers));
  const needed = new Map(
    [...kinds].flatMap((kind) => SHAPES_OF[kind].map((shape) => [shape, kind] as const)),
  );
  const faults: ModelFault[] = [];
  for (const shape of new Set(Object.values(SHAPES_OF).flat())) {
    const kind = needed.get(shape);
    if (kind !== undefined && geometry[shape] === undefined) {
      faults.push({
        code: 'missing-field',
        field: `geometry.${shape}`,
        message: `is required, because layers of kind ${kind} are described by it`,
      });
    }
    if (kind === undefined && geometry[shape] !== undefined) {
      faults.push({
        code: 'unused-field',
        field: `geometry.${shape}`,
        message: 'describes layers that the model does not have',
        next: 'remove it, or name its layers in geometry.layers',
      });
    }
  }
  return faults;
}

function stateFaults({ linear }: Geometry): ModelFault[] {
  if (linear === undefined) return [];
  return STATE_FIELDS[linear.type]
    .filter((field) => linear[field] === undefined)
    .map((field) => ({
      code: 'missing-field',
      field: `geometry.linear.${field}`,
      message: `is required for a state of type ${linear.type}`,
    }));
}

function sizeFaults({ geometry }: Model): ModelFault[] {
  const faults: ModelFault[] = [];
  const layers = expandLayers(geometry.layers).length;
  if (geometry.kvSharedLayers >= layers) {
    faults.push({
      code: 'out-of-range',
      field: 'geometry.kvSharedLayers',
      message: `${geometry.kvSharedLayers} of ${layers} layers cannot share the cache of earlier ones`,
    });
  }
  const denseLayers = geometry.moe === null ? layers : (geometry.moe.denseLayers ?? 0);
  if (geometry.intermediateSize === null && (denseLayers > 0 || geometry.moe?.besideDense === true)) {
    faults.push({
      code: 'missing-field',
      field: 'geometry.intermediateSize',
      message: 'is required, because some layers have a dense MLP',
    });
  }
  return faults;
}
