import { child } from '../fields';
import type { AutoscalingProps } from '../operations';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import type { WorkspaceFields } from '../workspace';

const PREFIX = 'scaledobject.kaito.sh/';
const NAMES = ['auto-provision', 'max-replicas', 'metricName', 'threshold'] as const;

/** Annotations of KAITO's autoscaler (keda-kaito-scaler with KAITO v0.12). */
export const SCALED_OBJECT_ANNOTATIONS = NAMES.map((name) => `${PREFIX}${name}`);

/** The one metric that it follows unless told otherwise, and the one that `autoscaling` follows. */
const METRIC = 'vllm:num_requests_waiting';

/** What the annotations ask for, and where. */
export interface ReadScaling {
  readonly autoscaling: AutoscalingProps;
  /** The annotation that `autoscaling`, or a field of it, was read from. */
  readonly fields: ReadonlyMap<string, string>;
}

/** The autoscaling that KAITO's annotations ask for; null where they ask for none. */
export function readScaledObject(
  props: Loose<WorkspaceFields>,
  annotationsField: string,
  report: Report,
): ReadScaling | null {
  const written = (name: string) => props.annotations?.[`${PREFIX}${name}`];
  const fieldOf = (name: string) => child(annotationsField, `${PREFIX}${name}`);
  const given = NAMES.filter((name) => written(name) !== undefined);
  const reason = whyNot(props, written('auto-provision'));
  if (reason !== null) {
    for (const name of given) {
      report.warning(
        'ignored-annotation',
        fieldOf(name),
        `${shown(written(name))} has no effect: ${reason.message}`,
        { next: reason.next, atKey: true },
      );
    }
    return null;
  }
  const replicas = props.inference?.replicas ?? 1;
  if (replicas > 1) {
    report.warning(
      'ignored-field',
      'inference.replicas',
      `${replicas} is where KAITO starts: the autoscaler changes it`,
      {
        next: `write 1, or remove ${PREFIX}auto-provision`,
      },
    );
  }
  const metric = written('metricName') ?? METRIC;
  if (metric !== METRIC) {
    report.error('invalid-value', fieldOf('metricName'), `${shown(metric)} is not followed`, {
      allowed: METRIC,
      next: 'remove it, and give the threshold in waiting requests',
    });
  }
  const limit = props.resource?.nodeCountLimit ?? 0;
  const maxReplicas = positive(written('max-replicas'), fieldOf('max-replicas'), report) ?? limit;
  if (maxReplicas === 0 && written('max-replicas') === undefined) {
    report.error('missing-field', fieldOf('max-replicas'), 'is required: nothing else bounds the replicas', {
      next: 'add the most replicas that there may be',
    });
  }
  const waitingRequests = positive(written('threshold'), fieldOf('threshold'), report);
  return {
    autoscaling: { maxReplicas, ...(waitingRequests !== null && { waitingRequests }) },
    fields: new Map([
      ['autoscaling', fieldOf('auto-provision')],
      [
        'autoscaling.maxReplicas',
        fieldOf(written('max-replicas') === undefined ? 'auto-provision' : 'max-replicas'),
      ],
      ['autoscaling.waitingRequests', fieldOf('threshold')],
    ]),
  };
}

function whyNot(
  { inference, autoscaling }: Loose<WorkspaceFields>,
  provision: string | undefined,
): { message: string; next: string } | null {
  if (provision !== 'true') {
    return {
      message: `only ${PREFIX}auto-provision: "true" switches autoscaling on`,
      next: `write ${PREFIX}auto-provision: "true", or remove it`,
    };
  }
  if (autoscaling !== undefined) return { message: 'autoscaling is given as a field', next: 'remove it' };
  if (inference === undefined) return { message: 'tuning has no replicas', next: 'remove it' };
  if (inference.template !== undefined) {
    return {
      message: "a pod template's requests are not counted",
      next: 'remove it, and give the number of replicas',
    };
  }
  return null;
}

/** A positive whole number; null where there is none, or what stands there is none. */
function positive(text: string | undefined, field: string, report: Report): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  report.error('invalid-value', field, `${shown(text)} is no number of requests or replicas`, {
    allowed: 'a whole number of 1 or more, in quotes',
    next: 'write such a number, or remove it',
  });
  return null;
}
