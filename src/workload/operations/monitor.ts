import type { Construct } from 'constructs';
import type { MonitoringProps } from '../../spec/operations';
import { LABELS, type Decision } from '../decision';
import { pickerName, poolName } from '../gateway/inference-pool';
import { objectMetadata } from '../metadata';
import { addObject } from '../object';
import { servingPods } from '../serving-pods';

const DEFAULT_INTERVAL_SECONDS = 15;

/** Make the PodMonitor that has Prometheus scrape each replica (workers of a group serve no metrics), and one for the endpoint picker where there is one. */
export function synthesizeMonitor(scope: Construct, decision: Decision, monitoring: MonitoringProps): void {
  const { name, operations } = decision.workspace;
  addMonitor(scope, decision, monitoring, { name, selector: servingPods(decision), port: 'http' });
  if (operations?.inferencePool === undefined) return;
  const pool = poolName(decision);
  addMonitor(scope, decision, monitoring, {
    name: pickerName(pool),
    selector: { [LABELS.endpointPicker]: pool },
    port: 'metrics',
  });
}

function addMonitor(
  scope: Construct,
  decision: Decision,
  monitoring: MonitoringProps,
  pods: { readonly name: string; readonly selector: Readonly<Record<string, string>>; readonly port: string },
): void {
  const metadata = objectMetadata(decision, pods.name);
  addObject(scope, {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { ...metadata, labels: { ...monitoring.labels, ...metadata.labels } },
    spec: {
      selector: { matchLabels: { ...pods.selector } },
      podMetricsEndpoints: [
        {
          port: pods.port,
          path: '/metrics',
          interval: `${monitoring.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS}s`,
        },
      ],
    },
  });
}
