import type { KvCacheSettings } from './settings';

/** Types whose elements are stored one by one, in bytes each; `auto` is the model's own. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  bfloat16: 2,
  float16: 2,
  half: 2,
  fp8: 1,
  fp8_e4m3: 1,
  fp8_e5m2: 1,
  fp8_inc: 1,
  fp8_ds_mla: 1,
};

/** Bytes that one vector of a head takes with its scales, for types that pack both (vLLM 0.32, `customize_spec`). */
const PACKED_VECTOR_BYTES: Readonly<Record<string, (dimensions: number) => number>> = {
  // A float32 scale for each token and head.
  fp8_per_token_head: (dimensions) => dimensions + 4,
  int8_per_token_head: (dimensions) => dimensions + 4,
  int4_per_token_head: (dimensions) => dimensions / 2 + 4,
  // Two elements a byte, and an 8-bit scale for each 16 of them.
  nvfp4: (dimensions) => dimensions / 2 + dimensions / 16,
  nvfp4_4over6: (dimensions) => dimensions / 2 + dimensions / 16,
};

/** Bytes of a latent row with its scales, for the packed types of sparse attention (vLLM 0.32, mla_attention.py). */
const PACKED_LATENT_BYTES: Readonly<Record<string, number>> = { fp8_ds_mla: 656, nvfp4_ds_mla: 352 };

/** The types of `--kv-cache-dtype` whose size is known here. */
export const CACHE_TYPES: readonly string[] = [
  ...new Set([
    'auto',
    ...Object.keys(ELEMENT_BYTES),
    ...Object.keys(PACKED_VECTOR_BYTES),
    ...Object.keys(PACKED_LATENT_BYTES),
  ]),
];

/** GLM's sparse models keep an 8-bit cache on Blackwell unless told otherwise (vLLM 0.32, models/config.py). */
export function defaultCacheDtype(
  architecture: string | undefined,
  computeCapability: number,
): string | undefined {
  return architecture === 'GlmMoeDsaForCausalLM' && Math.floor(computeCapability) === 10
    ? 'fp8_e4m3'
    : undefined;
}

/** Bytes of one token's key, or value, of one head. */
export function vectorBytes(dimensions: number, settings: KvCacheSettings): number {
  const packed = PACKED_VECTOR_BYTES[settings.cacheDtype ?? 'auto'];
  return packed ? packed(dimensions) : dimensions * cacheElementBytes(settings);
}

/** Bytes of one token's latent vector. */
export function latentBytes(
  dimensions: number,
  settings: KvCacheSettings,
  { sparse }: { readonly sparse: boolean },
): number {
  const dtype = settings.cacheDtype ?? 'auto';
  const packed = sparse && packsLatent(dtype, settings.computeCapability);
  return PACKED_LATENT_BYTES[packed ? 'fp8_ds_mla' : dtype] ?? dimensions * cacheElementBytes(settings);
}

/**
 * True where sparse attention's kernels store an 8-bit cache with its scales in one row (vLLM 0.32,
 * mla_attention.py): FlashMLA on Hopper, and on workstation Blackwell always.
 */
function packsLatent(dtype: string, computeCapability: number): boolean {
  const major = Math.floor(computeCapability);
  const plain8 = dtype === 'fp8' || dtype === 'fp8_e4m3';
  return (major === 9 && plain8) || (major === 12 && (plain8 || dtype === 'auto'));
}

/** True when the cache holds a narrower type than the model computes in. */
export function quantisedCache({ cacheDtype = 'auto' }: KvCacheSettings): boolean {
  return cacheDtype !== 'auto' && (ELEMENT_BYTES[cacheDtype] ?? 1) < 2;
}

/** Bytes per element, for layouts without scales. */
function cacheElementBytes({ cacheDtype = 'auto', elementBytes = 2 }: KvCacheSettings): number {
  return cacheDtype === 'auto' ? elementBytes : (ELEMENT_BYTES[cacheDtype] ?? 2);
}
