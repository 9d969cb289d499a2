import { loadCatalog } from '../../src/catalog/catalog';
import type { MachineType } from '../../src/catalog/machine';
import type { Model } from '../../src/catalog/model';
import type { Cloud } from '../../src/spec/cluster';

const catalog = loadCatalog();

/** A model of the catalogue that can be served. */
export function model(name: string): Model {
  const found = catalog.model(name);
  if (found?.status !== 'current') throw new Error(`no current model ${name}`);
  return found;
}

/** A machine type of the catalogue. */
export function machine(name: string): MachineType {
  const cloud: Cloud = name.startsWith('Standard') ? 'azure' : 'aws';
  const found = catalog.machine(cloud, name);
  if (!found) throw new Error(`no machine type ${name}`);
  return found;
}

/** Every model that can be served. */
export const models: readonly Model[] = catalog
  .models()
  .flatMap((each) => (each.status === 'current' ? [each] : []));

/** Machine types that a search may choose from. */
export const machines: readonly MachineType[] = catalog
  .machines()
  .filter(({ status, unfit }) => status === 'current' && unfit === null);

/** Qwen3-14B, which KAITO was measured with and which is not in the catalogue: 40 layers, 40 query and 8 key heads. */
export function qwen3With14B(): Model {
  const sibling = model('qwen3-8b-awq');
  const hidden = 5120;
  const vocabulary = 151936;
  const perLayer = hidden * 128 * (40 + 2 * 8 + 40) + 3 * hidden * 17408;
  const weightBytes = 2 * (2 * vocabulary * hidden + 40 * perLayer);
  return {
    ...sibling,
    name: 'qwen3-14b',
    quantization: null,
    weightBytes,
    kaitoWeightBytes: weightBytes,
    kaitoBytesPerToken: 40 * 2 * 8 * 128 * 2,
    geometry: {
      hiddenSize: hidden,
      intermediateSize: 17408,
      attentionHeads: 40,
      vocabSize: vocabulary,
      tieWordEmbeddings: false,
      layers: [{ repeat: 1, layers: [{ kind: 'full', count: 40 }] }],
      full: { kvHeads: 8, headDim: 128 },
      kvSharedLayers: 0,
      moe: null,
      vision: null,
      mtpLayers: 0,
    },
  };
}
