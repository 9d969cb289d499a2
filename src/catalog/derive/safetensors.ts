import { isPlainMap } from '../../spec/shape/empty-fields';
import type { ModelSource } from './source';

/** Limit of the format itself (https://github.com/huggingface/safetensors, "Format"). */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;

/** Bytes of each tensor, by name. */
export type TensorBytes = ReadonlyMap<string, number>;

/**
 * The tensors of a safetensors file, from its header; null where the source cannot give it, or the file is none
 * (such as the pointer that Git LFS leaves).
 */
export async function readTensors(source: ModelSource, path: string): Promise<TensorBytes | null> {
  const prefix = await source.head(path, LENGTH_BYTES);
  if (prefix === null || prefix.length < LENGTH_BYTES) return null;
  const length = prefix.readBigUInt64LE();
  if (length > MAX_HEADER_BYTES) return null;
  const end = LENGTH_BYTES + Number(length);
  const head = await source.head(path, end);
  if (head === null || head.length < end) return null;
  return parseHeader(head.subarray(LENGTH_BYTES, end).toString('utf8'));
}

function parseHeader(text: string): TensorBytes | null {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isPlainMap(header)) return null;
  const tensors = new Map<string, number>();
  for (const [name, tensor] of Object.entries(header)) {
    const offsets = isPlainMap(tensor) ? tensor['data_offsets'] : undefined;
    if (!Array.isArray(offsets)) continue;
    const [start, end] = offsets as unknown[];
    if (typeof start === 'number' && typeof end === 'number') tensors.set(name, end - start);
  }
  return tensors;
}
