import { CURRENT_GENERATION, groupOf, IS_CURRENT, type HealthRule } from './rule';

/** Ready, or refused, by the condition of that name: True, or False, in the generation that was applied. */
export function byCondition(apiVersion: string, kind: string, condition: string): HealthRule {
  const holds = (status: string) =>
    `has(status.conditions) && status.conditions.exists(c, c.type == '${condition}' && c.status == '${status}' && ${CURRENT_GENERATION})`;
  return {
    group: groupOf(apiVersion),
    apiVersion,
    kind,
    lua: `${IS_CURRENT}local health = { status = "Progressing", message = "waiting for condition ${condition}" }
if obj.status == nil or obj.status.conditions == nil then
  return health
end
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "${condition}" and is_current(condition) then
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
    cel: { failed: holds('False'), current: holds('True') },
  };
}
