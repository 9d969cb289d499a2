/**
 * `T` as a rule meets it: what the schema found unreadable is gone, so everything may be absent. With it a rule can
 * go on after other fields failed, and one run tells all problems.
 */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly (Loose<Item> | undefined)[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T;
