/**
 * When an object of a kind is ready, for kinds that neither engine knows: one rule, in the words of each. Argo CD takes
 * Lua (`resource.customizations.health.<group>_<kind>` in `argocd-cm`), Flux takes CEL (`healthCheckExprs`).
 */
export interface HealthRule {
  readonly group: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly lua: string;
  readonly cel: { readonly inProgress?: string; readonly failed?: string; readonly current: string };
}

/** Ready by a condition of that name, of the generation that was applied. */
function byCondition(apiVersion: string, kind: string, condition: string): HealthRule {
  return {
    group: apiVersion.slice(0, apiVersion.indexOf('/')),
    apiVersion,
    kind,
    lua: `local health = { status = "Progressing", message = "waiting for condition ${condition}" }
if obj.status == nil or obj.status.conditions == nil then
  return health
end
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "${condition}" then
    local seen = condition.observedGeneration
    if seen ~= nil and obj.metadata.generation ~= nil and seen ~= obj.metadata.generation then
      return health
    end
    if condition.status == "True" then
      return { status = "Healthy", message = condition.message or "" }
    end
    if condition.status == "False" then
      return { status = "Degraded", message = condition.message or condition.reason or "" }
    end
  end
end
return health
`,
    cel: {
      failed: `has(status.conditions) && status.conditions.exists(c, c.type == '${condition}' && c.status == 'False' && (!has(c.observedGeneration) || c.observedGeneration == metadata.generation))`,
      current: `has(status.conditions) && status.conditions.exists(c, c.type == '${condition}' && c.status == 'True' && (!has(c.observedGeneration) || c.observedGeneration == metadata.generation))`,
    },
  };
}

/** The kinds that are rendered and that Argo CD 3.3 has no check for. */
export const HEALTH_RULES: readonly HealthRule[] = [
  byCondition('karpenter.azure.com/v1beta1', 'AKSNodeClass', 'Ready'),
];
