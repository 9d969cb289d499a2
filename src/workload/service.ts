import type { Service } from 'kubernetes-types/core/v1';
import type { Construct } from 'constructs';
import type { NodeDecision } from './decision';
import { objectMetadata } from './metadata';
import { addObject } from './object';
import { SERVER_PORT_NAME } from './probes';

/** Port that callers use. */
const SERVICE_PORT = 80;

/** Make the Service `<workspace>`: port 80 to the server's, on the pods of `selector`. */
export function addService(
  scope: Construct,
  decision: NodeDecision,
  selector: Readonly<Record<string, string>>,
  targetPort: string | number = SERVER_PORT_NAME,
): void {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: objectMetadata(decision, decision.workspace.name),
    spec: {
      type: decision.workspace.service.type,
      selector: { ...selector },
      ports: [{ name: SERVER_PORT_NAME, port: SERVICE_PORT, targetPort, protocol: 'TCP' }],
    },
  } satisfies Service;
  addObject(scope, service);
}

/** Make the headless Service `name` that gives the pods of a group their DNS names, ready or not. */
export function addHeadlessService(
  scope: Construct,
  decision: NodeDecision,
  name: string,
  selector: Readonly<Record<string, string>>,
): void {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: objectMetadata(decision, name),
    spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: { ...selector } },
  } satisfies Service;
  addObject(scope, service);
}
