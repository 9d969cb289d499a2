import { CURRENT_GENERATION, IS_CURRENT, type HealthRule } from './rule';

const condition = (type: string, status: string) =>
  `has(status.conditions) && status.conditions.exists(c, c.type == '${type}' && c.status == '${status}' && ${CURRENT_GENERATION})`;

/**
 * A node of its own: ready when it has joined and its GPUs are there. Argo CD has this check since 3.5; older ones call a
 * NodeClaim healthy at once. A claim whose node is being taken away is not refused, and not ready either.
 */
export const nodeClaimRule: HealthRule = {
  group: 'karpenter.sh',
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodeClaim',
  lua: `${IS_CURRENT}local health = { status = "Progressing", message = "waiting for the machine" }
if obj.status == nil or obj.status.conditions == nil then
  return health
end
local ready = nil
local steps = {}
for _, condition in ipairs(obj.status.conditions) do
  if condition.type == "Disrupting" and condition.status == "True" then
    return { status = "Suspended", message = condition.message or "the node is being taken away" }
  end
  if condition.type == "Ready" and is_current(condition) then
    ready = condition
  end
  steps[condition.type] = condition.status
end
if ready ~= nil and ready.status == "True" then
  return { status = "Healthy", message = "the node is ready" }
end
if ready ~= nil and ready.status == "False" then
  return { status = "Degraded", message = ready.message or ready.reason or "" }
end
if steps.Registered == "True" then
  health.message = "the node has joined; waiting for its GPUs"
elseif steps.Launched == "True" then
  health.message = "the machine is there; waiting for its node to join"
end
return health
`,
  cel: {
    inProgress: `has(status.conditions) && status.conditions.exists(c, c.type == 'Disrupting' && c.status == 'True')`,
    failed: condition('Ready', 'False'),
    current: condition('Ready', 'True'),
  },
};
