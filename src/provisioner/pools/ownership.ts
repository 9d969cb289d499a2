/** Azure tags by which the provisioner knows its own pools. Tags live in ARM and survive any change of node labels. */
export const TAGS = {
  managedBy: 'managed-by',
  owner: 'slipway-owner',
  /** `regional-fallback` on a pool whose zones had no capacity, so that its missing zones are not taken for drift. */
  zones: 'slipway-zones',
} as const;

/** Names of the tags that only the provisioner writes. */
export const OWN_TAGS: readonly string[] = Object.values(TAGS);

/** Value of `managed-by`. */
export const MANAGED_BY = 'slipway-provisioner';
/** Value of `slipway-zones` after the fallback. */
export const REGIONAL_FALLBACK = 'regional-fallback';

/** True when the pool with these tags is `owner`'s. */
export function isOwned(tags: Readonly<Record<string, string>> | undefined, owner: string): boolean {
  return tags?.[TAGS.managedBy] === MANAGED_BY && tags[TAGS.owner] === owner;
}

/** True when the pool with these tags is some owner's. */
export function isClaimed(tags: Readonly<Record<string, string>> | undefined): boolean {
  return tags?.[TAGS.managedBy] === MANAGED_BY;
}
