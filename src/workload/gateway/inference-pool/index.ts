import type { Construct } from 'constructs';
import type { InferencePoolProps } from '../../../spec/operations';
import { LABELS, type Decision, type NodeDecision } from '../../decision';
import { objectMetadata } from '../../metadata';
import { withSuffix } from '../../names';
import { addObject } from '../../object';
import { SERVER_PORT } from '../../probes';
import { bothHalves, roleOf, rolePoolName } from '../../role';
import { adapterIds, servingPods } from '../../serving-pods';
import { addDestinationRule } from '../external-processor';
import { addEndpointPicker, PICKER_PORT } from './endpoint-picker';
import { roleConfig, scoringConfig, type PickerConfig } from './picker-config';

export type { PickerConfig } from './picker-config';

/** Pods that serve together, and how one of them is picked for a request. */
export interface Pool extends InferencePoolProps {
  /** Name of the InferencePool; the picker's objects are called `<name>-epp`. */
  readonly name: string;
  /** Labels of the pods. */
  readonly selector: Readonly<Record<string, string>>;
  readonly config: PickerConfig;
}

/** Make the InferencePool of a Workspace's replicas, with its endpoint picker. */
export function synthesizeInferencePool(
  scope: Construct,
  decision: Decision,
  props: InferencePoolProps,
): void {
  const runtime = decision.workspace.inference?.runtime ?? 'vllm';
  const role = roleOf(decision);
  addInferencePool(scope, decision, {
    ...props,
    name: poolName(decision),
    selector: role === undefined ? servingPods(decision) : bothHalves(role),
    config:
      props.pickerConfig ??
      (role === undefined
        ? scoringConfig(runtime, adapterIds(decision).length > 0)
        : roleConfig(LABELS.inferenceRole)),
  });
}

/** Name of the InferencePool that the pods of `decision` are in. */
export function poolName(decision: NodeDecision): string {
  const role = roleOf(decision);
  return role === undefined ? decision.workspace.name : rolePoolName(role);
}

/** Name of the objects of the endpoint picker of the InferencePool `pool`. */
export function pickerName(pool: string): string {
  return withSuffix(pool, 'epp');
}

/** Make an InferencePool with its endpoint picker, in the namespace of `decision`'s Workspace. */
export function addInferencePool(scope: Construct, decision: NodeDecision, pool: Pool): void {
  const { name, image } = pool;
  const picker = pickerName(name);
  addEndpointPicker(scope, decision, {
    pool: name,
    name: picker,
    config: pool.config,
    ...(image !== undefined && { image }),
  });
  addObject(scope, {
    apiVersion: 'inference.networking.k8s.io/v1',
    kind: 'InferencePool',
    metadata: objectMetadata(decision, name),
    spec: {
      selector: { matchLabels: { ...pool.selector } },
      targetPorts: [{ number: SERVER_PORT }],
      appProtocol: 'http',
      endpointPickerRef: {
        group: '',
        kind: 'Service',
        name: picker,
        port: { number: PICKER_PORT },
        failureMode: pool.failureMode ?? 'FailOpen',
      },
    },
  });
  const { gateway, clusterDomain } = decision.cluster;
  if (gateway?.implementation === 'istio')
    addDestinationRule(scope, objectMetadata(decision, picker), clusterDomain);
}
