import type { NodeDecision } from './decision';

/**
 * What the names of the Workspace's pods look like, for Prometheus (RE2, anchored at both ends). Its endpoint picker, and
 * Workspaces whose names begin alike, have other names: a Deployment's pods end in two parts, those of groups in numbers.
 */
export function podNamePattern({ workspace: { name }, placement }: NodeDecision): string {
  return placement.nodes === 1
    ? `${name}-[a-z0-9]{1,10}-[a-z0-9]{5}`
    : `${name}(-groups|-group-[0-9]+)?(-[0-9]+)+`;
}
