import { IS_CURRENT, type HealthRule } from './rule';

/**
 * Replicas behind a Gateway: refused when a Gateway says that it cannot take the pool. Without a Gateway's word it is well: the
 * Gateway speaks when a route leads to the pool, and a route stands in a later wave, which would otherwise never come.
 */
export const inferencePoolRule: HealthRule = {
  group: 'inference.networking.k8s.io',
  apiVersion: 'inference.networking.k8s.io/v1',
  kind: 'InferencePool',
  lua: `${IS_CURRENT}local parents = {}
if obj.status ~= nil and obj.status.parents ~= nil then
  parents = obj.status.parents
end
local message = "no route leads to the pool yet"
for _, parent in ipairs(parents) do
  for _, condition in ipairs(parent.conditions or {}) do
    if (condition.type == "Accepted" or condition.type == "ResolvedRefs") and is_current(condition) then
      if condition.status == "False" then
        return { status = "Degraded", message = condition.message or condition.reason or "" }
      end
      if condition.type == "Accepted" and condition.status == "True" then
        message = "a Gateway has taken the pool"
      end
    end
  end
end
return { status = "Healthy", message = message }
`,
  // CEL cannot ask whether there is a status, and a pool that no route leads to has none.
  cel: null,
};
