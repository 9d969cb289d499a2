import type { Construct } from 'constructs';
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2';
import type { AutoscalingProps } from '../../spec/operations';
import type { Decision } from '../decision';
import { objectMetadata } from '../metadata';
import { podNamePattern } from '../pod-names';
import { addObject } from '../object';
import { type ScaleTarget, scaleTarget } from '../scale-target';

/** Where the Prometheus operator puts its Service in a namespace of the usual name. */
const PROMETHEUS = 'http://prometheus-operated.monitoring.svc:9090';
/** Requests that wait for a place in the batch: both backends of the runtime image and vLLM itself report it under this name. */
const WAITING = 'vllm:num_requests_waiting';
const RUNNING = 'vllm:num_requests_running';
const DEFAULT_WAITING_REQUESTS = 5;
/** A replica costs a node and minutes of loading: none is given back for a short pause. */
const DEFAULT_COOLDOWN_SECONDS = 900;
const POLLING_SECONDS = 15;

/**
 * One replica at a time, and slowly back: a new replica helps only after its node is there and its weights are loaded.
 * The figures are those of KAITO's autoscaler (keda-kaito-scaler with KAITO v0.12).
 */
const BEHAVIOR = {
  scaleUp: { stabilizationWindowSeconds: 60, policies: [{ type: 'Pods', value: 1, periodSeconds: 300 }] },
  scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 600 }] },
};

/** Make what changes the number of replicas. The workload then states none: the number has one owner. */
export function synthesizeAutoscaling(
  scope: Construct,
  decision: Decision,
  autoscaling: AutoscalingProps,
): void {
  const target = scaleTarget(decision);
  if (target === null) return;
  if (autoscaling.by === 'hpa') synthesizeHpa(scope, decision, autoscaling, target);
  else synthesizeScaledObject(scope, decision, autoscaling, target);
}

function synthesizeScaledObject(
  scope: Construct,
  decision: Decision,
  autoscaling: AutoscalingProps,
  target: ScaleTarget,
): void {
  const { name, namespace } = decision.workspace;
  const waiting = autoscaling.waitingRequests ?? DEFAULT_WAITING_REQUESTS;
  const minReplicas = autoscaling.minReplicas ?? 1;
  const pods = podNamePattern(decision);
  const series = (metric: string) => `sum({__name__="${metric}",namespace="${namespace}",pod=~"${pods}"})`;
  addObject(scope, {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: objectMetadata(decision, name),
    spec: {
      scaleTargetRef: target,
      minReplicaCount: minReplicas,
      maxReplicaCount: autoscaling.maxReplicas,
      pollingInterval: POLLING_SECONDS,
      ...(minReplicas === 0 && { cooldownPeriod: autoscaling.cooldownSeconds ?? DEFAULT_COOLDOWN_SECONDS }),
      advanced: { horizontalPodAutoscalerConfig: { behavior: BEHAVIOR } },
      triggers: [
        // Running requests keep a replica that serves; waiting ones ask for another.
        prometheusTrigger(autoscaling, `${series(WAITING)} + clamp_max(${series(RUNNING)}, 1)`, waiting),
        // Without a pod there are no metrics of the server's: what wakes it has to be counted elsewhere.
        ...(minReplicas === 0 && autoscaling.wakeQuery !== undefined
          ? [prometheusTrigger(autoscaling, autoscaling.wakeQuery, waiting)]
          : []),
      ],
    },
  });
}

function prometheusTrigger(autoscaling: AutoscalingProps, query: string, threshold: number) {
  return {
    type: 'prometheus',
    metadata: {
      serverAddress: autoscaling.prometheusAddress ?? PROMETHEUS,
      query,
      threshold: String(threshold),
      activationThreshold: '0',
    },
  };
}

function synthesizeHpa(
  scope: Construct,
  decision: Decision,
  autoscaling: AutoscalingProps,
  target: ScaleTarget,
): void {
  const { name } = decision.workspace;
  addObject(scope, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: objectMetadata(decision, name),
    spec: {
      scaleTargetRef: target,
      minReplicas: autoscaling.minReplicas ?? 1,
      maxReplicas: autoscaling.maxReplicas,
      metrics: [
        {
          type: 'Pods',
          pods: {
            metric: { name: WAITING.replace(':', '_') },
            target: {
              type: 'AverageValue',
              averageValue: String(autoscaling.waitingRequests ?? DEFAULT_WAITING_REQUESTS),
            },
          },
        },
      ],
      behavior: BEHAVIOR,
    },
  } satisfies HorizontalPodAutoscaler);
}
