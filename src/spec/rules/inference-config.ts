import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import type { InferenceConfig, VllmOptionValue } from '../workspace';

/** Options whose value is a secret, with where it belongs. */
const SECRET_OPTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    'api-key': 'give it from a Secret, as the variable VLLM_API_KEY with pod.env and valueFrom.secretKeyRef',
    'hf-token': 'name its Secret in inference.preset.presetOptions.modelAccessSecret',
  }),
);

/** A model id as requests write it. */
const MODEL_ID = /^[A-Za-z0-9][A-Za-z0-9._/:-]*$/;

/** What a config says about fields that Slipway has, too. */
export interface ConfigLimits {
  /** Its model ids; null where it gives none, or what is none. */
  readonly servedNames: readonly [string, ...string[]] | null;
  readonly contextLength: number | null;
  readonly gpuMemoryUtilization: number | null;
}

/**
 * `name` as vLLM's command line spells it, without the hyphens in front: it takes `max_model_len` and `max-model-len`
 * alike, but not in what follows a dot, which are fields of a JSON option.
 */
export function flagName(name: string): string {
  const [head = '', ...rest] = name.split('.');
  return [head.replace(/^-+/, '').replaceAll('_', '-'), ...rest].join('.');
}

/** The same config with every option under its `flagName`; an empty text is KAITO's word for a flag without a value. */
export function withFlagNames(config: InferenceConfig): InferenceConfig {
  if (config.vllm === undefined) return config;
  const options = Object.entries(config.vllm).map(
    ([name, value]) => [flagName(name), value === '' ? null : value] as const,
  );
  return { ...config, vllm: Object.fromEntries(options) };
}

/** Value of the option `flag` as a number, quoted or not; null when it is absent or none. */
export function numberOption(config: Loose<InferenceConfig> | null, flag: string): number | null {
  const value = Object.entries(config?.vllm ?? {}).find(([name]) => flagName(name) === flag)?.[1];
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return null;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}

/** Rules of `inference_config.yaml`; `options` is the path of its field `vllm`. */
export function checkInferenceConfig(config: Loose<InferenceConfig>, options: string, report: Report): void {
  const first = new Map<string, string>();
  for (const [name, value] of Object.entries(config.vllm ?? {})) {
    const path = child(options, name);
    const flag = flagName(name);
    const other = first.get(flag);
    if (other !== undefined) {
      report.error('duplicate-key', path, `is the same option as ${other}`, {
        next: 'keep one of them',
        atKey: true,
      });
    }
    first.set(flag, name);
    const advice = SECRET_OPTIONS.get(flag);
    if (advice !== undefined) {
      report.error('secret-value', path, 'is a secret, and would end up in Git', {
        next: advice,
        atKey: true,
      });
    }
    if (value === undefined) continue;
    if (flag === 'max-model-len') checkMaxModelLen(value, path, report);
    if (flag === 'gpu-memory-utilization') checkUtilization(value, path, report);
  }
  checkMembers(first, options, report);
}

/** `written` holds how each flag was written. */
function checkMembers(written: ReadonlyMap<string, string>, options: string, report: Report): void {
  for (const [flag, name] of written) {
    const [head = flag, ...members] = flag.split('.');
    const whole = written.get(head);
    if (members.length === 0 || whole === undefined) continue;
    report.error(
      'contradiction',
      child(options, name),
      `stands beside ${whole}, which vLLM would not read then`,
      {
        next: `write all of ${head} in one way: as one text, or member by member`,
        atKey: true,
      },
    );
  }
}

/** Context length and memory share that `config` asks for. */
export function limitsOf(config: Loose<InferenceConfig> | null): ConfigLimits {
  const served = [
    Object.entries(config?.vllm ?? {}).find(([name]) => flagName(name) === 'served-model-name')?.[1] ?? [],
  ].flat();
  return {
    servedNames: served.every(isModelId) ? namesOf(served) : null,
    contextLength: numberOption(config, 'max-model-len'),
    gpuMemoryUtilization: numberOption(config, 'gpu-memory-utilization'),
  };
}

/** One name, or several; null for none. */
export function namesOf(names: string | readonly string[]): readonly [string, ...string[]] | null {
  const [first, ...others] = [names].flat();
  return first === undefined ? null : [first, ...others];
}

function isModelId(value: unknown): value is string {
  return typeof value === 'string' && MODEL_ID.test(value);
}

function checkMaxModelLen(value: Loose<VllmOptionValue>, field: string, report: Report): void {
  if (value === 'auto') return;
  const tokens = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens > 0) return;
  report.error('invalid-value', field, `${shown(value)} is not a number of tokens`, {
    allowed: 'a positive integer, or auto',
    next: 'write the number out, without a unit',
  });
}

function checkUtilization(value: Loose<VllmOptionValue>, field: string, report: Report): void {
  const share = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof share === 'number' && share > 0 && share <= 1) return;
  report.error('out-of-range', field, `${shown(value)} is no share of the GPU memory`, {
    allowed: 'above 0, up to 1',
  });
}
