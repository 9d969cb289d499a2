/** Bytes in a GiB. */
export const GIB = 1024 ** 3;

const SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/**
 * `bytes` as Kubernetes itself would print it: the greatest binary suffix that leaves a whole number. A quantity
 * written otherwise (`1024Mi`) comes back changed from the API server, and a GitOps engine shows it as a difference.
 */
export function binaryQuantity(bytes: number): string {
  if (!Number.isSafeInteger(bytes) || bytes < 0)
    throw new RangeError(`${bytes} is not a whole number of bytes`);
  let mantissa = bytes;
  let exponent = 0;
  while (mantissa !== 0 && mantissa % 1024 === 0 && exponent < SUFFIXES.length - 1) {
    mantissa /= 1024;
    exponent += 1;
  }
  return `${mantissa}${SUFFIXES[exponent] ?? ''}`;
}

/** `bytes` rounded up to whole GiB. */
export function ceilToGiB(bytes: number): number {
  return Math.ceil(bytes / GIB) * GIB;
}
