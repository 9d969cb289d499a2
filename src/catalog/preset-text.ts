import { Document, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { expandLayers } from './layers';
import type { LayerBlock, Model } from './model';

const GIB = 2 ** 30;

/** Keys before which a preset has an empty line. */
const SECTIONS: ReadonlySet<string> = new Set([
  'weightBytes',
  'geometry',
  'runtimes',
  'tuning',
  'provenance',
]);

/** The keys of a preset in the order in which every file has them. */
const KEY_ORDER = [
  'name',
  'aliases',
  'status',
  'huggingFaceId',
  'revision',
  'license',
  'gated',
  'weightsImage',
  'architecture',
  'weightBytes',
  'downloadBytes',
  'kaitoWeightBytes',
  'kaitoBytesPerToken',
  'maxContext',
  'quantization',
  'dtype',
  'geometry',
  'runtimes',
  'vllm',
  'diskBytes',
  'tuning',
  'provenance',
] as const satisfies readonly (keyof Model)[];

/** What a reader of the file is told besides the figures. */
export interface PresetComments {
  /** Lines at the head of the file. */
  readonly head?: readonly string[];
  /** Comment behind a top-level or geometry key, by key. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** A preset as the text of its file: fixed key order, bytes with their GiB beside them, layers with their count. */
export function presetText(model: Model, comments: PresetComments = {}): string {
  const document = new Document(Object.fromEntries(KEY_ORDER.map((key) => [key, model[key]])), {
    aliasDuplicateObjects: false,
  });
  if (comments.head) document.commentBefore = comments.head.map((line) => ` ${line}`).join('\n');
  const root = document.contents;
  if (!isMap(root)) throw new TypeError('a preset is a map');
  decorate(root, comments.fields ?? {});
  const geometry = root.get('geometry');
  if (isMap(geometry)) {
    decorate(geometry, { layers: layerCount(model.geometry.layers), ...comments.fields });
    for (const { value } of geometry.items) if (isMap(value)) value.flow = true;
    const layers = geometry.get('layers');
    if (isSeq(layers)) for (const block of layers.items) if (isMap(block)) block.flow = true;
  }
  for (const key of ['aliases', 'runtimes', 'tuning']) flow(root.get(key, true));
  const provenance = root.get('provenance');
  if (isMap(provenance)) for (const { value } of provenance.items) flow(value);
  return document.toString({ lineWidth: 0 });
}

/** Comments and empty lines for the pairs of one map. */
function decorate(map: YAMLMap, comments: Readonly<Record<string, string>>): void {
  for (const pair of map.items) {
    const key = keyOf(pair);
    if (SECTIONS.has(key) && isScalar(pair.key)) pair.key.spaceBefore = true;
    const value = pair.value;
    const notes: string[] = [];
    if (isScalar(value) && key.endsWith('Bytes') && typeof value.value === 'number') {
      notes.push(`${(value.value / GIB).toFixed(2)} GiB`);
    }
    const comment = comments[key];
    if (comment !== undefined) notes.push(comment);
    if (notes.length === 0) continue;
    if (isScalar(value)) value.comment = ` ${notes.join('; ')}`;
    else if (isScalar(pair.key)) pair.key.commentBefore = ` ${notes.join('; ')}`;
  }
}

/** Such as `60 layers: 50 sliding, 10 full`. */
function layerCount(blocks: readonly LayerBlock[]): string {
  const kinds = expandLayers(blocks);
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return `${kinds.length} layers: ${[...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')}`;
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}

function flow(node: unknown): void {
  const collection = node as Node | undefined;
  if (isMap(collection) || isSeq(collection)) collection.flow = true;
}
