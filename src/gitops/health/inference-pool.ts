import { CURRENT_GENERATION, IS_CURRENT, type HealthRule } from './rule';

const parentHas = (test: string) =>
  `has(status.parents) && status.parents.exists(p, has(p.conditions) && p.conditions.exists(c, ${test} && ${CURRENT_GENERATION}))`;

/** Replicas behind a Gateway: ready when a Gateway has taken the pool, refused when one says that it cannot. */
export const inferencePoolRule: HealthRule = {
  group: 'inference.networking.k8s.io',
  apiVersion: 'inference.networking.k8s.io/v1',
  kind: 'InferencePool',
  lua: `${IS_CURRENT}if obj.status == nil or obj.status.parents == nil then
  return { status = "Progressing", message = "waiting for a Gateway to take the pool" }
end
local taken = false
for _, parent in ipairs(obj.status.parents) do
  for _, condition in ipairs(parent.conditions or {}) do
    if (condition.type == "Accepted" or condition.type == "ResolvedRefs") and is_current(condition) then
      if condition.status == "False" then
        return { status = "Degraded", message = condition.message or condition.reason or "" }
      end
      if condition.type == "Accepted" and condition.status == "True" then
        taken = true
      end
    end
  end
end
if taken then
  return { status = "Healthy", message = "a Gateway has taken the pool" }
end
return { status = "Progressing", message = "waiting for a Gateway to take the pool" }
`,
  cel: {
    failed: parentHas("(c.type == 'Accepted' || c.type == 'ResolvedRefs') && c.status == 'False'"),
    current: parentHas("c.type == 'Accepted' && c.status == 'True'"),
  },
};
