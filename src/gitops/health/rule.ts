/**
 * When an object of a kind is ready, for kinds that an engine does not know: one rule, in the words of each. Argo CD takes
 * Lua (`resource.customizations.health.<group>_<kind>` in `argocd-cm`), Flux takes CEL (`healthCheckExprs`).
 */
export interface HealthRule {
  readonly group: string;
  readonly apiVersion: string;
  readonly kind: string;
  /**
   * A script of Lua 5.1 with the base and table libraries only, as Argo CD runs it: sees `obj`, returns a table. null: Argo CD
   * has a check of its own.
   */
  readonly lua: string | null;
  /**
   * Expressions that see the object's members. Asked in the order inProgress, failed, current; none holds, or the object has
   * no status at all: in progress. null: what Flux makes of the object by itself is right.
   */
  readonly cel: { readonly inProgress?: string; readonly failed?: string; readonly current: string } | null;
}

/** The API group of `apiVersion`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, apiVersion.indexOf('/'));
}

/** CEL: whether a condition `c` speaks of the generation that was applied; one that names none always does. */
export const CURRENT_GENERATION =
  '(!has(c.observedGeneration) || c.observedGeneration == metadata.generation)';

/** Lua: the same, as the function `is_current(condition)`. */
export const IS_CURRENT = `local function is_current(condition)
  local seen = condition.observedGeneration
  return seen == nil or obj.metadata.generation == nil or seen == obj.metadata.generation
end
`;
