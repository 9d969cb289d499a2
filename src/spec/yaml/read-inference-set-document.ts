import type { Configs } from '../configs';
import { child, parseField } from '../fields';
import { readWorkspace, type ReadWorkspace } from '../read-workspace';
import { Report, type Rename } from '../report';
import { checkShape } from '../shape/check-shape';
import type { Loose } from '../shape/loose';
import type { InferenceFields, PartitionProps, WorkspaceFields } from '../workspace';
import type { Resource } from './resources';
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
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: object };
    readonly autoUpgrade?: { readonly enabled?: boolean };
  };
}

/**
 * Read one InferenceSet as a Workspace with `replicas`: the copies have stable names, and one Service is in front of
 * all of them. KAITO makes a Workspace with a random name and a Service of its own for each.
 */
export function readInferenceSetDocument(
  { value, locator }: Resource,
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
  const rolling = updateStrategy?.rollingUpdate ?? {};
  const isOneByOne = Object.entries(rolling).every(
    ([key, bound]) => key === 'maxUnavailable' && String(bound) === '1',
  );
  if (
    updateStrategy !== undefined &&
    (!isOneByOne || (updateStrategy.type ?? 'RollingUpdate') !== 'RollingUpdate')
  ) {
    report.warning(
      'ignored-field',
      'spec.updateStrategy',
      'has no effect: replicas are replaced one at a time',
      {
        next: 'remove it',
        atKey: true,
      },
    );
  }
  if (autoUpgrade?.enabled === true) {
    report.warning('ignored-field', 'spec.autoUpgrade', 'has no effect: the image changes with a commit', {
      next: 'remove it, and let a bot such as Renovate propose new images',
      atKey: true,
    });
  }
}
