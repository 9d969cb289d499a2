import type { Configs } from '../configs';
import { child, isWithin } from '../fields';
import { mentionsOfSpec } from '../mentions';
import type { WorkspaceSpec } from '../normal';
import { readWorkspace, type ReadWorkspace } from '../read-workspace';
import { checkWorkspaceName } from '../rules/names';
import { Report, type Rename } from '../report';
import { checkShape } from '../shape/check-shape';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { LABEL_LENGTH } from '../syntax/kubernetes-names';
import type { InferenceRoleProps, WorkspaceProps } from '../workspace';
import { readPickerConfig } from './picker-config';
import type { Resource } from './resources';
import { warnWritten } from './written-fields';

type RoleType = InferenceRoleProps['type'];

/** KAITO's MultiRoleInference. */
interface MultiRoleInferenceDocument {
  readonly metadata: Pick<WorkspaceProps, 'labels' | 'annotations' | 'namespace'> & { readonly name: string };
  readonly spec: {
    readonly labelSelector?: NonNullable<WorkspaceProps['resource']>['labelSelector'];
    readonly model: { readonly name: string; readonly modelAccessSecret?: string };
    readonly eppPluginsConfig?: string;
    readonly roles: readonly {
      readonly type: RoleType;
      readonly replicas?: number;
      readonly instanceType?: string;
      readonly runtimeConfig?: string;
    }[];
  };
}

const ROLES: readonly RoleType[] = ['prefill', 'decode'];

/** Name of the Workspace of a role. KAITO's InferenceSets have the same names. */
export function roleName(name: string, type: RoleType): string {
  return `${name}-${type}`;
}

/** Names of the Workspaces that a MultiRoleInference of that name is read as. */
export function roleNames(name: string): string[] {
  return ROLES.map((type) => roleName(name, type));
}

/** Read one MultiRoleInference as two Workspaces, one for each role. */
export function readMultiRoleInferenceDocument(
  { value, locator }: Resource,
  defaultNamespace: string,
  configs: Configs,
): readonly ReadWorkspace[] {
  const report = new Report(locator);
  const checked = checkShape('KaitoMultiRoleInference', value, report) as Loose<MultiRoleInferenceDocument>;
  const { metadata = {}, spec = {} } = checked;
  warnWritten(value, report);
  checkRoles(spec.roles, report);
  checkSelector(spec, report);
  const pickerConfig =
    spec.eppPluginsConfig === undefined
      ? undefined
      : readPickerConfig(
          {
            namespace: metadata.namespace ?? defaultNamespace,
            name: spec.eppPluginsConfig,
            field: 'spec.eppPluginsConfig',
          },
          configs,
          report,
        );
  const name = usableName(metadata.name, report);
  const shared = new Set<string>();
  const halves = ROLES.flatMap((type): ReadWorkspace[] => {
    const index = (spec.roles ?? []).findIndex((role) => role?.type === type);
    if (index < 0) return [{ problems: unseen(report.problems, shared) }];
    // What one half said of the whole document is not said again by the other.
    const own = new Report(locator);
    own.take(report.problems);
    const read = readWorkspace(
      {
        name: name === undefined ? undefined : roleName(name, type),
        props: propsOf(checked, name, index, type, pickerConfig),
        metadataField: (field) => `metadata.${field}`,
        defaultNamespace,
        configs,
      },
      own.renamed(fieldsOfRole(index)),
    );
    return [{ ...read, problems: unseen(read.problems, shared) }];
  });
  // One half alone would be told that the other is missing, which is not what is wrong.
  const isWhole = halves.every(({ spec: half }) => half !== undefined);
  return halves.map((half) =>
    isWhole || half.spec === undefined ? half : withoutSpec(half.spec, half.problems),
  );
}

/** The name, unless it, or the longer ones of its Workspaces, cannot be: said once, and not of each half. */
function usableName(name: string | undefined, report: Report): string | undefined {
  if (name === undefined) return undefined;
  const before = report.problems.length;
  checkWorkspaceName(name, 'metadata.name', report);
  if (report.problems.length > before) return undefined;
  const most = LABEL_LENGTH - roleName('', 'prefill').length;
  if (name.length <= most) return name;
  report.error(
    'invalid-name',
    'metadata.name',
    `${shown(name)} has ${name.length} characters, and its halves are called <name>-prefill and <name>-decode`,
    { allowed: `at most ${most} characters`, next: 'rename it' },
  );
  return undefined;
}

function propsOf(
  { metadata = {}, spec = {} }: Loose<MultiRoleInferenceDocument>,
  name: string | undefined,
  index: number,
  type: RoleType,
  pickerConfig: Readonly<Record<string, unknown>> | undefined,
): Loose<WorkspaceProps> {
  const { labels, annotations, namespace } = metadata;
  const { instanceType, replicas, runtimeConfig } = spec.roles?.[index] ?? {};
  const { model, labelSelector } = spec;
  const secret = model?.modelAccessSecret;
  return {
    ...(namespace !== undefined && { namespace }),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
    resource: {
      ...(instanceType !== undefined && { instanceType }),
      ...(labelSelector !== undefined && { labelSelector }),
    },
    inference: {
      ...(model?.name !== undefined && {
        preset: {
          name: model.name,
          ...(secret !== undefined && { presetOptions: { modelAccessSecret: secret } }),
        },
      }),
      ...(runtimeConfig !== undefined && { config: runtimeConfig }),
      ...(replicas !== undefined && { replicas }),
      ...(name !== undefined && { role: { type, of: name } }),
    },
    ...(type === 'decode' && pickerConfig !== undefined && { inferencePool: { pickerConfig } }),
  };
}

function withoutSpec(spec: WorkspaceSpec, problems: ReadWorkspace['problems']): ReadWorkspace {
  return { mentions: mentionsOfSpec(spec), problems };
}

/** Path in the MultiRoleInference of a field that the Workspace of its role has. */
function fieldsOfRole(index: number): Rename {
  const role = child('spec.roles', index);
  const fields: readonly (readonly [string, string])[] = [
    ['resource.labelSelector', 'spec.labelSelector'],
    ['resource.instanceType', `${role}.instanceType`],
    ['inference.preset.presetOptions.modelAccessSecret', 'spec.model.modelAccessSecret'],
    ['inference.preset', 'spec.model'],
    ['inference.config', `${role}.runtimeConfig`],
    ['inference.replicas', `${role}.replicas`],
    ['inference.role.of', 'metadata.name'],
    ['inferencePool', 'spec.eppPluginsConfig'],
  ];
  return (field) => {
    const found = fields.find(([ours]) => isWithin(field, ours));
    if (found !== undefined) return `${found[1]}${field.slice(found[0].length)}`;
    // What the document has no field for is said of the whole role.
    return ['resource', 'inference'].some((part) => isWithin(field, part)) ? role : field;
  };
}

function unseen(problems: ReadWorkspace['problems'], seen: Set<string>): ReadWorkspace['problems'] {
  return problems.filter((problem) => {
    const key = JSON.stringify(problem);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function checkRoles(
  roles: Loose<MultiRoleInferenceDocument['spec']['roles']> | undefined,
  report: Report,
): void {
  if (roles === undefined) return;
  for (const type of ROLES) {
    const indices = roles.flatMap((role, index) => (role?.type === type ? [index] : []));
    const [, second] = indices;
    if (second !== undefined) {
      report.error(
        'duplicate-item',
        `${child('spec.roles', second)}.type`,
        `there are ${indices.length} ${type} roles`,
        {
          allowed: 'exactly one prefill and one decode role',
          next: 'write replicas in one of them, and remove the others',
        },
      );
    }
    const isUnreadable = roles.some((role) => role?.type === undefined);
    if (indices.length === 0 && !isUnreadable) {
      report.error('missing-field', 'spec.roles', `there is no ${type} role`, {
        allowed: 'exactly one prefill and one decode role',
        next: `add a role of type ${type}, or write a Workspace that serves the whole model`,
        atKey: true,
      });
    }
  }
}

function checkSelector({ labelSelector }: Loose<MultiRoleInferenceDocument['spec']>, report: Report): void {
  if (labelSelector === undefined) return;
  const { matchLabels = {}, matchExpressions = [] } = labelSelector;
  if (Object.keys(matchLabels).length > 0 || matchExpressions.length > 0) return;
  report.warning('empty-value', 'spec.labelSelector', 'selects by nothing: KAITO refuses that', {
    next: 'give it a label, or leave it out',
    atKey: true,
  });
}
