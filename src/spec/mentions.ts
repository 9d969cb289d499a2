import type { WorkspaceSpec } from './normal';
import type { Place } from './problem';
import type { Loose } from './shape/loose';
import type { WorkspaceFields } from './workspace';

/** A name that a Workspace uses, and where. */
export interface Mention extends Place {
  readonly name: string;
}

/**
 * The catalogue's names in a Workspace that has errors of its own: they can be looked up all the same, so that one run
 * reports everything.
 */
export interface Mentions {
  readonly model: Mention | null;
  readonly machines: readonly Mention[];
  /** How it is fine-tuned; null: it is served. */
  readonly tuningMethod: 'lora' | 'qlora' | null;
}

/** What `props` mentions, as far as it can be read. */
export function mentionsOf(props: Loose<WorkspaceFields>, at: (field: string) => Place): Mentions {
  const part = props.inference === undefined ? 'tuning' : 'inference';
  const mention = (name: string, field: string): Mention => ({ name, ...at(field) });
  const model = props[part]?.preset?.name;
  const types = props.resource?.instanceType;
  const field = 'resource.instanceType';
  const machines =
    typeof types === 'string'
      ? [mention(types, field)]
      : (types ?? []).flatMap((name, index) =>
          typeof name === 'string' ? [mention(name, `${field}[${index}]`)] : [],
        );
  return {
    model: typeof model === 'string' ? mention(model, `${part}.preset.name`) : null,
    machines,
    tuningMethod: part === 'inference' ? null : props.tuning?.method === 'qlora' ? 'qlora' : 'lora',
  };
}

/** What a Workspace mentions that is well-formed, and rejected for its name. */
export function mentionsOfSpec(workspace: WorkspaceSpec): Mentions {
  const { inference, tuning, resource } = workspace;
  const mention = (name: string, field: string): Mention => ({ name, ...workspace.at(field) });
  const part = inference === null ? 'tuning' : 'inference';
  const preset = (inference ?? tuning)?.preset;
  const types = resource.instanceTypes;
  return {
    model: preset == null ? null : mention(preset.name, `${part}.preset.name`),
    machines: types.map((name, index) =>
      mention(name, types.length === 1 ? 'resource.instanceType' : `resource.instanceType[${index}]`),
    ),
    tuningMethod: tuning?.method ?? null,
  };
}
