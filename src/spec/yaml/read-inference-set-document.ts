import type { Configs } from '../configs';
import { child, isWithin, parseField } from '../fields';
import { readWorkspace, type ReadWorkspace } from '../read-workspace';
import { Report, type Rename } from '../report';
import { checkShape } from '../shape/check-shape';
import type { Loose } from '../shape/loose';
import type { InferenceFields, PartitionProps, WorkspaceFields } from '../workspace';
import type { Resource } from './resources';
import { warnNewer } from './newer-fields';
import { warnWritten } from './written-fields';

type Marks = Pick<WorkspaceFields, 'labels' | 'annotations'>;

/** KAITO's InferenceSet. */
interface InferenceSetDocument {
  readonly metadata: Marks & { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly replicas?: number;
    readonly nodeCountLimit?: number;
    readonly labelSelector?: NonNullable<WorkspaceFields['resource']>['labelSelector'];
    readonly template: {
      readonly metadata?: Marks;
      readonly resource?: { readonly instanceType?: string; readonly partition?: PartitionProps };
      readonly inference: InferenceFields;
    };
    readonly updateStrategy?: {
      readonly type?: 'RollingUpdate' | 'OnDelete';
      readonly rollingUpdate?: { readonly maxUnavailable?: number | string; readonly partition?: number };
    };
    readonly autoUpgrade?: { readonly enabled?: boolean };
  };
}

/**
 * Read one InferenceSet as a Workspace with `replicas`: the copies have stable names, and one Service is in front of
 * all of them. KAITO makes a Workspace with a random name and a Service of its own for each.
 */
export function readInferenceSetDocument(
  { apiVersion, value, locator }: Resource,
  defaultNamespace: string,
  configs: Configs,
): ReadWorkspace {
  const report = new Report(locator);
  const { metadata = {}, spec = {} } = checkShape(
    'KaitoInferenceSet',
    value,
    report,
  ) as Loose<InferenceSetDocument>;
  warnWritten(value, report);
  checkSet(spec, report);
  if (apiVersion === 'kaito.sh/v1alpha1')
    warnNewer(
      spec.template ?? {},
      report.renamed((field) => `spec.template.${field}`),
      { hasAccessSecret: true },
    );
  const { template = {}, labelSelector, nodeCountLimit = 0 } = spec;
  const replicas = spec.replicas ?? 1;
  const labels = { ...metadata.labels, ...template.metadata?.labels };
  const annotations = { ...metadata.annotations, ...template.metadata?.annotations };
  const props: Loose<WorkspaceFields> = {
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    labels,
    annotations,
    resource: {
      ...template.resource,
      ...(labelSelector !== undefined && { labelSelector }),
      // 0 is KAITO's word for no limit.
      ...(nodeCountLimit > 0 && { nodeCountLimit }),
    },
    ...(template.inference !== undefined && {
      inference: {
        ...template.inference,
        replicas,
        ...rolloutOf(spec),
        // KAITO serves the model of a set under the set's name.
        ...(template.inference.template === undefined &&
          metadata.name !== undefined && { servedName: metadata.name }),
      },
    }),
  };
  const input = {
    name: metadata.name,
    props,
    metadataField: (field: string) => `metadata.${field}`,
    defaultNamespace,
    configs,
  };
  return readWorkspace(input, report.renamed(fieldsOfSet(template.metadata ?? {})));
}

/** Path in the InferenceSet of a field that a Workspace has. */
function fieldsOfSet(template: Loose<Marks>): Rename {
  return (field) => {
    if (/^resource\.(labelSelector|nodeCountLimit)\b/.test(field)) return field.replace('resource', 'spec');
    if (field === 'inference.replicas') return 'spec.replicas';
    if (isWithin(field, 'inference.rollout'))
      return field.replace('inference.rollout', 'spec.updateStrategy.rollingUpdate');
    if (/^(resource|inference)\b/.test(field)) return `spec.template.${field}`;
    const [first, marks, key] = parseField(field);
    const isOfTemplate =
      first === 'metadata' &&
      (marks === 'labels' || marks === 'annotations') &&
      typeof key === 'string' &&
      template[marks]?.[key] !== undefined;
    return isOfTemplate ? child(`spec.template.metadata.${marks}`, key) : field;
  };
}

/** KAITO's bound of an update, unless it says that replicas are not replaced by themselves. */
function rolloutOf({
  updateStrategy,
}: Loose<InferenceSetDocument['spec']>): Pick<Loose<InferenceFields>, 'rollout'> {
  const maxUnavailable = updateStrategy?.rollingUpdate?.maxUnavailable;
  return maxUnavailable === undefined || updateStrategy?.type === 'OnDelete'
    ? {}
    : { rollout: { maxUnavailable } };
}

function checkSet(spec: Loose<InferenceSetDocument['spec']>, report: Report): void {
  const { replicas = 1, nodeCountLimit = 0 } = spec;
  if (nodeCountLimit > 0 && replicas > nodeCountLimit) {
    report.error(
      'contradiction',
      'spec.replicas',
      `${replicas} replicas need more than ${nodeCountLimit} nodes`,
      {
        allowed: `at most spec.nodeCountLimit, which is ${nodeCountLimit}`,
        next: 'lower the replicas, or raise the limit',
      },
    );
  }
  checkUpdates(spec, report);
}

function checkUpdates(
  { updateStrategy, autoUpgrade }: Loose<InferenceSetDocument['spec']>,
  report: Report,
): void {
  if (updateStrategy?.type === 'OnDelete') {
    report.warning(
      'ignored-field',
      'spec.updateStrategy.type',
      'has no effect: replicas are replaced when a change is applied',
      { next: 'remove it, and merge a change when its rollout may begin' },
    );
  }
  if ((updateStrategy?.rollingUpdate?.partition ?? 0) > 0) {
    report.warning(
      'ignored-field',
      'spec.updateStrategy.rollingUpdate.partition',
      'has no effect: all replicas are replaced, as many at a time as maxUnavailable says',
      { next: 'remove it, and try a change in an InferenceSet of its own first' },
    );
  }
  if (autoUpgrade?.enabled === true) {
    report.warning('ignored-field', 'spec.autoUpgrade', 'has no effect: the image changes with a commit', {
      next: 'remove it, and let a bot such as Renovate propose new images',
      atKey: true,
    });
  }
}
