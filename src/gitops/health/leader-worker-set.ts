import type { HealthRule } from './rule';

/**
 * Groups of pods that serve together: ready when the controller has seen this generation and every group is updated and
 * ready. `Available` is False during each update, so that it never means a refusal.
 */
export const leaderWorkerSetRule: HealthRule = {
  group: 'leaderworkerset.x-k8s.io',
  apiVersion: 'leaderworkerset.x-k8s.io/v1',
  kind: 'LeaderWorkerSet',
  lua: `local wanted = 1
if obj.spec ~= nil and obj.spec.replicas ~= nil then
  wanted = obj.spec.replicas
end
if wanted == 0 then
  return { status = "Healthy", message = "scaled to zero" }
end
local status = obj.status
if status == nil or status.conditions == nil then
  return { status = "Progressing", message = "waiting for the controller" }
end
if status.observedGeneration ~= nil and obj.metadata.generation ~= nil and status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "waiting for the controller to see the change" }
end
local ready = status.readyReplicas or 0
local updated = status.updatedReplicas or 0
for _, condition in ipairs(status.conditions) do
  if condition.type == "Available" and condition.status == "True" and ready >= wanted and updated >= wanted then
    return { status = "Healthy", message = "all groups are ready" }
  end
end
return { status = "Progressing", message = ready .. " of " .. wanted .. " groups are ready, " .. updated .. " are updated" }
`,
  cel: {
    current: [
      '(has(spec.replicas) && spec.replicas == 0)',
      [
        'has(status.conditions)',
        "status.conditions.exists(c, c.type == 'Available' && c.status == 'True')",
        '(!has(status.observedGeneration) || status.observedGeneration == metadata.generation)',
        'has(status.readyReplicas) && status.readyReplicas >= (has(spec.replicas) ? spec.replicas : 1)',
        'has(status.updatedReplicas) && status.updatedReplicas >= (has(spec.replicas) ? spec.replicas : 1)',
      ].join(' && '),
    ].join(' || '),
  },
};
