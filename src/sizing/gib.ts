const GIB = 2 ** 30;

/** Bytes as text for people, such as `17.39 GiB`. */
export function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(2)} GiB`;
}
