import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../../spec/nearest';
import type { Problem } from '../../spec/problem';
import type { VllmOptionValue } from '../../spec/workspace';
import type { Decision } from '../decision';
import { imageOf } from '../images';
import { chosenImage } from '../images/chosen';
import { optionsLeftOut, userVllmOptions } from '../vllm-options';
import { isDecidedElsewhere } from './options';

/** What the runtime image says about its vLLM (`python -m slipway_runtime schema vllm-options`). Beside `src/` and `lib/`. */
const OPTIONS = join(__dirname, '..', '..', '..', 'schemas', 'vllm-options.json');

/** One option of vLLM's server. */
interface KnownOption {
  readonly takes: 'nothing' | 'value' | 'values';
  readonly choices?: readonly string[];
  /** Flag that turns a switch off. */
  readonly negation?: string;
}

interface KnownOptions {
  /** Its version. */
  readonly vllm: string;
  readonly options: Readonly<Record<string, KnownOption>>;
}

let loaded: KnownOptions | undefined;

function known(): KnownOptions {
  loaded ??= JSON.parse(readFileSync(OPTIONS, 'utf8')) as KnownOptions;
  return loaded;
}

/** What vLLM would refuse of the user's options when it starts, on a GPU that was waited for, and what is not given to it. */
export function checkVllmOptions(decision: Decision): Problem[] {
  const { workspace } = decision;
  if (workspace.inference?.runtime !== 'vllm') return [];
  const image = imageOf(decision).kind;
  // KAITO's image has a vLLM of its own, and so may have an image that is not the tested one.
  const isTested = image !== 'kaito' && chosenImage(decision).reference === undefined;
  const problemAt = (flag: string, rest: Omit<Problem, 'position' | 'field'>): Problem => ({
    ...workspace.at(`inference.config.vllm.${flag}`),
    ...rest,
  });
  const refused = Object.entries(userVllmOptions(decision)).flatMap(([flag, value]): Problem[] => {
    const fault = isDecidedElsewhere(flag) ? null : faultOf(flag, value);
    return fault === null ? [] : [problemAt(flag, { severity: isTested ? 'error' : 'warning', ...fault })];
  });
  const leftOut = image === 'kaito' ? {} : optionsLeftOut(decision);
  const passedOver = Object.entries(leftOut).map(([flag, why]) =>
    problemAt(flag, {
      severity: 'warning',
      code: 'ignored-option',
      message: `is left out: ${why}`,
      next: 'remove it, or choose the image kaito, which reads the config as it is',
    }),
  );
  return [...refused, ...passedOver];
}

type Fault = Pick<Problem, 'code' | 'message' | 'allowed' | 'next'>;

function faultOf(flag: string, value: VllmOptionValue): Fault | null {
  const { vllm, options } = known();
  const [name = flag, ...members] = flag.split('.');
  const option = options[name] ?? options[switchOf(name)];
  if (option === undefined) {
    const near = didYouMean(name, Object.keys(options));
    return {
      code: 'unknown-option',
      message: `vLLM ${vllm} has no option ${name}`,
      next: near ?? 'remove it; "vllm serve --help=all" lists the options',
    };
  }
  if (members.length > 0) return option.takes === 'nothing' ? takesNothing(name) : null;
  if (option.takes === 'nothing') return isSwitch(value) ? null : takesNothing(name);
  if (value === null || typeof value === 'boolean') {
    return {
      code: 'option-without-value',
      message: `${name} needs a value`,
      ...(option.choices !== undefined && { allowed: option.choices.join(', ') }),
      next: 'give it one, or remove it',
    };
  }
  if (option.choices === undefined || option.choices.includes(String(value))) return null;
  return {
    code: 'invalid-value',
    message: `${JSON.stringify(value)} is not a value of ${name}`,
    allowed: option.choices.join(', '),
    next: didYouMean(String(value), option.choices) ?? 'take one of them',
  };
}

/** The switch that `name` turns off. */
function switchOf(name: string): string {
  const positive = name.replace(/^no-/, '');
  return known().options[positive]?.negation === name ? positive : '';
}

function isSwitch(value: VllmOptionValue): boolean {
  return value === null || typeof value === 'boolean';
}

function takesNothing(name: string): Fault {
  return {
    code: 'option-takes-no-value',
    message: `${name} is a switch, which takes no value`,
    allowed: 'true, false, or nothing',
    next: 'write true or false without quotes',
  };
}
