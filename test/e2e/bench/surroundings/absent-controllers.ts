import type { Cluster } from '../cluster/cluster';
import { conditionOf, refOf, type Manifest } from '../cluster/manifest';

/** A kind whose controller is not part of the bench, and what that controller would write into the status. */
interface Role {
  readonly apiVersion: string;
  readonly kind: string;
  /** The status of an object that is well; undefined when it says so already. */
  readonly status: (object: Manifest) => Readonly<Record<string, unknown>> | undefined;
}

const ROLES: readonly Role[] = [
  // Karpenter's cloud providers.
  { apiVersion: 'karpenter.azure.com/v1beta1', kind: 'AKSNodeClass', status: ready },
  { apiVersion: 'karpenter.k8s.aws/v1', kind: 'EC2NodeClass', status: ready },
  // KEDA, which has found its metric.
  { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', status: ready },
  // The External Secrets Operator.
  { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', status: ready },
  // A Gateway.
  { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', status: takenByParents },
  { apiVersion: 'inference.networking.k8s.io/v1', kind: 'InferencePool', status: takenByGateway },
  // The autoscaler and its metrics: without a metrics server it would rightly call each object broken.
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', status: scaling },
];

/** Plays the controllers that the bench has not: each object is well, and again after each change. */
export async function absentControllers(cluster: Cluster): Promise<void> {
  for (const { apiVersion, kind, status } of ROLES) {
    for (const listed of await cluster.list<Manifest>(apiVersion, kind)) {
      const object = { ...listed, apiVersion, kind };
      const wanted = status(object);
      if (wanted === undefined) continue;
      await cluster.patch(refOf(object), { status: wanted }, 'status');
    }
  }
}

function ready(object: Manifest): Readonly<Record<string, unknown>> | undefined {
  const known = conditionOf(object, 'Ready');
  if (known?.status === 'True' && (known.observedGeneration ?? generationOf(object)) === generationOf(object))
    return undefined;
  // KEDA and External Secrets know no observedGeneration in their conditions.
  const seen = object.apiVersion.startsWith('karpenter') ? { observedGeneration: generationOf(object) } : {};
  return { conditions: [{ ...condition('Ready'), ...seen }] };
}

interface Route extends Manifest {
  readonly spec: { readonly parentRefs?: readonly Readonly<Record<string, unknown>>[] };
}

function takenByParents(object: Manifest): Readonly<Record<string, unknown>> | undefined {
  const { spec } = object as Route;
  return taken(object, spec.parentRefs ?? []);
}

function takenByGateway(object: Manifest): Readonly<Record<string, unknown>> | undefined {
  return taken(object, [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'bench' }]);
}

function taken(
  object: Manifest,
  parentRefs: readonly Readonly<Record<string, unknown>>[],
): Readonly<Record<string, unknown>> | undefined {
  const { status } = object as {
    status?: { parents?: readonly { conditions?: readonly { observedGeneration?: number }[] }[] };
  };
  const seen = status?.parents?.[0]?.conditions?.[0]?.observedGeneration;
  if (seen === generationOf(object)) return undefined;
  const conditions = ['Accepted', 'ResolvedRefs'].map((type) => ({
    ...condition(type),
    observedGeneration: generationOf(object),
  }));
  return {
    parents: parentRefs.map((parentRef) => ({
      parentRef,
      controllerName: 'e2e.slipway.dev/gateway',
      conditions,
    })),
  };
}

function scaling(object: Manifest): Readonly<Record<string, unknown>> | undefined {
  if (conditionOf(object, 'ScalingActive')?.status === 'True') return undefined;
  return {
    currentReplicas: 1,
    desiredReplicas: 1,
    currentMetrics: null,
    conditions: [condition('AbleToScale'), condition('ScalingActive')],
  };
}

function condition(type: string): Readonly<Record<string, unknown>> {
  return { type, status: 'True', reason: 'Ready', message: '', lastTransitionTime: new Date().toISOString() };
}

function generationOf({ metadata }: Manifest): number {
  return metadata.generation ?? 1;
}
