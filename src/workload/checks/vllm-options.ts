import { didYouMean } from '../../spec/nearest';
import type { Problem } from '../../spec/problem';
import type { VllmOptionItem, VllmOptionValue } from '../../spec/workspace';
import type { Decision } from '../decision';
import { imageOf } from '../images';
import { chosenImage } from '../images/chosen';
import { type KnownOption, knownOptions, listForm } from '../known-options';
import { isList, optionsLeftOut, userVllmOptions } from '../vllm-options';
import { isDecidedElsewhere } from './options';

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
  const { vllm, options } = knownOptions();
  const [name = flag, ...members] = flag.split('.');
  const option = options.get(name) ?? options.get(switchOf(name));
  if (option === undefined) {
    const near = didYouMean(name, options.keys());
    return {
      code: 'unknown-option',
      message: `vLLM ${vllm} has no option ${name}`,
      next: near ?? 'remove it; "vllm serve --help=all" lists the options',
    };
  }
  if (members.length > 0) return option.takes === 'nothing' ? takesNothing(name) : null;
  if (option.takes === 'nothing') return isSwitch(value) ? null : takesNothing(name);
  if (isList(value)) return listFault(name, option, value);
  if (value === null || typeof value === 'boolean') {
    return {
      code: 'option-without-value',
      message: `${name} needs a value`,
      ...(option.choices !== undefined && { allowed: option.choices.join(', ') }),
      next: 'give it one, or remove it',
    };
  }
  return choiceFault(name, option, value);
}

function listFault(name: string, option: KnownOption, values: readonly VllmOptionItem[]): Fault | null {
  const form = listForm(name);
  if (form === null) {
    return {
      code: 'option-takes-one-value',
      message: `${name} takes one value, not a list`,
      next: 'write the one value, without brackets',
    };
  }
  if (form === 'json') return null;
  const flagLike = values.find((value) => String(value).startsWith('-'));
  if (flagLike !== undefined) {
    return {
      code: 'invalid-value',
      message: `vLLM would read ${JSON.stringify(flagLike)} in the list of ${name} as an option`,
      next: 'give values that do not begin with a hyphen',
    };
  }
  return values.map((value) => choiceFault(name, option, value)).find((fault) => fault !== null) ?? null;
}

function choiceFault(name: string, { choices }: KnownOption, value: VllmOptionItem): Fault | null {
  if (choices === undefined || choices.includes(String(value))) return null;
  return {
    code: 'invalid-value',
    message: `${JSON.stringify(value)} is not a value of ${name}`,
    allowed: choices.join(', '),
    next: didYouMean(String(value), choices) ?? 'take one of them',
  };
}

/** The switch that `name` turns off. */
function switchOf(name: string): string {
  const positive = name.replace(/^no-/, '');
  return knownOptions().options.get(positive)?.negation === name ? positive : '';
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
