import type { ClusterProps } from '../cluster';
import type { ClusterSpec } from '../normal';
import type { Problem } from '../problem';
import { readCluster } from '../read-cluster';
import { Report } from '../report';
import { checkShape } from '../shape/check-shape';
import type { Loose } from '../shape/loose';
import type { Resource } from './resources';

interface ClusterDocument {
  readonly metadata: { readonly name: string };
  readonly spec?: ClusterProps;
}

/** Read one `slipway.dev/v1alpha1` Cluster document; where a field has an error, its default stands. */
export function readClusterDocument({ value, locator }: Resource): {
  readonly spec: ClusterSpec;
  readonly problems: readonly Problem[];
} {
  const report = new Report(locator);
  const { metadata, spec = {} } = checkShape('Cluster', value, report) as Loose<ClusterDocument>;
  const field = (path: string) => `spec.${path}`;
  const input = { name: metadata?.name ?? 'cluster', nameField: 'metadata.name', props: spec, field };
  return { spec: readCluster(input, report), problems: report.problems };
}
