import type { Construct } from 'constructs';
import type { GatewayProps } from '../../spec/cluster';
import type { ClusterSpec } from '../../spec/normal';
import { LABELS } from '../decision';
import { withSuffix } from '../names';
import { addObject } from '../object';
import { addDestinationRule, addExternalProcessor, serviceHost } from './external-processor';

/** Of the Gateway API Inference Extension; it puts the `model` of a request's body into `X-Gateway-Model-Name`. */
const IMAGE = 'registry.k8s.io/gateway-api-inference-extension/bbr:v1.4.0';
const PORT = 9004;
const HEALTH_PORT = 9005;
/** By Gateway API's own rule, on the pods that an implementation starts for a Gateway. */
const GATEWAY_NAME_LABEL = 'gateway.networking.k8s.io/gateway-name';

/**
 * Make the body-based router of an Istio Gateway, in the Gateway's namespace: the program, and the filter that has the
 * Gateway's own Envoys ask it before they choose a route. Gateways of others read the model's name by themselves.
 */
export function synthesizeBodyBasedRouter(
  scope: Construct,
  cluster: ClusterSpec,
  gateway: GatewayProps,
): void {
  const { namespace } = gateway;
  const name = withSuffix(gateway.name, 'body-router');
  const selector = { [LABELS.bodyBasedRouter]: gateway.name };
  const labels = { ...cluster.defaults.labels, [LABELS.managedBy]: 'slipway' };
  const metadata = { name, namespace, labels };
  addExternalProcessor(scope, {
    metadata,
    selector,
    podLabels: labels,
    cloud: cluster.cloud,
    image: IMAGE,
    imagePullSecrets: cluster.imagePullSecrets,
    args: ['--streaming=true', '--enable-pprof=false', '--zap-encoder=json'],
    port: PORT,
    healthPort: HEALTH_PORT,
    // It looks for lists of adapters, by a label; routes here name each adapter themselves.
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }],
    // It holds one request's body at a time for each stream; chosen.
    requests: { cpu: '250m', memory: '256Mi' },
    memoryLimit: '1Gi',
    terminationGracePeriodSeconds: 60,
    // It remembers nothing: the next one starts before this one goes, since no request passes without it.
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  });
  addDestinationRule(scope, metadata, cluster.clusterDomain);
  addObject(scope, {
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata,
    spec: {
      workloadSelector: { labels: { [GATEWAY_NAME_LABEL]: gateway.name } },
      configPatches: [
        {
          applyTo: 'HTTP_FILTER',
          match: {
            context: 'GATEWAY',
            listener: { filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } } },
          },
          patch: { operation: 'INSERT_FIRST', value: filter(serviceHost(metadata, cluster.clusterDomain)) },
        },
      ],
    },
  });
}

/** Envoy's filter: the whole body is streamed through, and the answer is left alone. */
function filter(host: string) {
  return {
    name: 'envoy.filters.http.ext_proc',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor',
      // A request without its header would match no route of a model: better an error that says so.
      failure_mode_allow: false,
      allow_mode_override: true,
      processing_mode: {
        request_header_mode: 'SEND',
        request_body_mode: 'FULL_DUPLEX_STREAMED',
        request_trailer_mode: 'SEND',
        response_header_mode: 'SKIP',
        response_body_mode: 'NONE',
        response_trailer_mode: 'SKIP',
      },
      grpc_service: { envoy_grpc: { cluster_name: `outbound|${PORT}||${host}` } },
    },
  };
}
