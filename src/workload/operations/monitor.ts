import type { Construct } from 'constructs';
import type { MonitoringProps } from '../../spec/operations';
import type { Decision } from '../decision';
import { objectMetadata, selectorLabels } from '../metadata';
import { addObject } from '../object';

const DEFAULT_INTERVAL_SECONDS = 15;

/** Make the PodMonitor that has Prometheus scrape each replica. */
export function synthesizeMonitor(scope: Construct, decision: Decision, monitoring: MonitoringProps): void {
  const metadata = objectMetadata(decision, decision.workspace.name);
  addObject(scope, {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { ...metadata, labels: { ...monitoring.labels, ...metadata.labels } },
    spec: {
      selector: { matchLabels: selectorLabels(decision) },
      podMetricsEndpoints: [
        {
          port: 'http',
          path: '/metrics',
          interval: `${monitoring.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS}s`,
        },
      ],
    },
  });
}
