import type { Construct } from 'constructs';
import { stringify } from 'yaml';
import { addImmutableConfigMap } from '../../config-map';
import { LABELS, type NodeDecision } from '../../decision';
import { labelsOf, objectMetadata } from '../../metadata';
import { podPropsOf } from '../../pod-props';
import { addExternalProcessor } from '../external-processor';
import { type PickerConfig, withMetrics } from './picker-config';

/** The picker of llm-d's router; the version that KAITO v0.12 uses. */
const IMAGE = 'ghcr.io/llm-d/llm-d-router-endpoint-picker:v0.9.0';
export const PICKER_PORT = 9002;
const HEALTH_PORT = 9003;
const CONFIG_FOLDER = '/config';
const CONFIG_FILE = 'picker.yaml';
const READ = ['get', 'list', 'watch'];

/** An endpoint picker: which pool it serves, and how. */
export interface EndpointPicker {
  /** Name of the InferencePool. */
  readonly pool: string;
  /** Name of each of its own objects. */
  readonly name: string;
  readonly config: PickerConfig;
  /** @default llm-d's */
  readonly image?: string;
}

/** Make an endpoint picker, with the right to read pods and pools of its own namespace. */
export function addEndpointPicker(scope: Construct, decision: NodeDecision, picker: EndpointPicker): void {
  const { name, pool } = picker;
  const configMap = addImmutableConfigMap(scope, decision, name, {
    [CONFIG_FILE]: stringify({
      apiVersion: 'llm-d.ai/v1alpha1',
      kind: 'EndpointPickerConfig',
      ...withMetrics(picker.config),
    }),
  });
  // The Workspace's own label would make the picker a server of the model: its Service selects by it.
  const podLabels = Object.entries(labelsOf(decision)).filter(([key]) => key !== LABELS.workspace);
  addExternalProcessor(scope, {
    metadata: objectMetadata(decision, name),
    selector: { [LABELS.endpointPicker]: pool },
    podLabels: Object.fromEntries(podLabels),
    cloud: decision.cluster.cloud,
    image: picker.image ?? IMAGE,
    imagePullSecrets: podPropsOf(decision).imagePullSecrets ?? [],
    args: [
      `--pool-name=${pool}`,
      `--pool-namespace=${decision.workspace.namespace}`,
      '--pool-group=inference.networking.k8s.io',
      `--config-file=${CONFIG_FOLDER}/${CONFIG_FILE}`,
      '--tracing=false',
      '--zap-encoder=json',
    ],
    port: PICKER_PORT,
    healthPort: HEALTH_PORT,
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: READ },
      { apiGroups: ['inference.networking.k8s.io'], resources: ['inferencepools'], verbs: READ },
      {
        apiGroups: ['inference.networking.x-k8s.io', 'llm-d.ai'],
        resources: ['inferenceobjectives', 'inferencemodelrewrites'],
        verbs: READ,
      },
    ],
    // As KAITO v0.12; the limit keeps a runaway index of prefixes from its neighbours.
    requests: { cpu: '1', memory: '2Gi' },
    memoryLimit: '16Gi',
    // llm-d's chart: the longest that a stream through the picker may need to end.
    terminationGracePeriodSeconds: 130,
    // One knows where each prefix is cached; two would know half of it each.
    strategy: { type: 'Recreate' },
    volume: {
      volume: { name: 'config', configMap: { name: configMap } },
      mount: { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
    },
  });
}
