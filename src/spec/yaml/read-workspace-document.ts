import type { Configs } from '../configs';
import { readWorkspace, type ReadWorkspace } from '../read-workspace';
import { Report } from '../report';
import { checkShape } from '../shape/check-shape';
import type { Loose } from '../shape/loose';
import type { ResourceProps, WorkspaceFields } from '../workspace';
import type { Resource } from './resources';
import { warnNewer } from './newer-fields';
import { warnWritten } from './written-fields';

/** A Workspace as YAML has it: props at top level, name and labels in `metadata`. */
interface WorkspaceDocument extends Omit<WorkspaceFields, 'namespace' | 'labels' | 'annotations'> {
  readonly metadata: Pick<WorkspaceFields, 'namespace' | 'labels' | 'annotations'> & {
    readonly name: string;
  };
}

/** What every Kubernetes object has. */
const ENVELOPE: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** The CRD's default of `resource.instanceType` in v1alpha1 (KAITO v0.12.0). v1beta1 has none. */
const V1ALPHA1_INSTANCE_TYPE = 'Standard_NC24ads_A100_v4';

/** Read one Workspace document of any `apiVersion`. */
export function readWorkspaceDocument(
  { apiVersion, value, locator }: Resource,
  defaultNamespace: string,
  configs: Configs,
): ReadWorkspace {
  const report = new Report(locator);
  const isKaito = apiVersion.startsWith('kaito.sh/');
  const shape = isKaito ? 'KaitoWorkspace' : 'SlipwayWorkspace';
  const checked = checkShape(shape, value, report) as Loose<WorkspaceDocument>;
  warnWritten(value, report);
  const { metadata = {}, resource } = checked;
  const { name, namespace, labels, annotations } = metadata;
  const isV1alpha1 = apiVersion === 'kaito.sh/v1alpha1';
  if (isV1alpha1) warnNewer(checked, report, { hasAccessSecret: false });
  const props: Loose<WorkspaceFields> = {
    ...propsIn(checked),
    ...(namespace !== undefined && { namespace }),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
    ...(resource !== undefined && isV1alpha1 && { resource: withDefaultMachine(resource, report) }),
  };
  return readWorkspace(
    { name, props, metadataField: (field) => `metadata.${field}`, defaultNamespace, configs },
    report,
  );
}

/** The fields of a document that are fields of the props, too: all but what makes it a Kubernetes object. */
function propsIn(document: Loose<WorkspaceDocument>): Loose<WorkspaceFields> {
  return Object.fromEntries(
    Object.entries(document).filter(([key, value]) => value !== undefined && !ENVELOPE.has(key)),
  );
}

function withDefaultMachine(resource: Loose<ResourceProps>, report: Report): Loose<ResourceProps> {
  const field = 'resource.instanceType';
  if (resource.instanceType !== undefined || report.isBroken(field)) return resource;
  report.warning(
    'default-machine',
    field,
    `is not given; kaito.sh/v1alpha1 then means ${V1ALPHA1_INSTANCE_TYPE}`,
    {
      next: 'write the machine type, or apiVersion: kaito.sh/v1beta1 to have one chosen',
    },
  );
  return { ...resource, instanceType: V1ALPHA1_INSTANCE_TYPE };
}
