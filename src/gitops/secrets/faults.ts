import type { KubernetesObject } from '../object';
import { credentialsIn } from './credentials';
import { literalSecretsIn } from './literal-values';

/** Something that must not stand in a rendered file. */
export interface TextFault {
  readonly code: 'secret-in-file' | 'flux-substitution';
  /** What was found: lower case, no full stop, never the secret itself. */
  readonly message: string;
  readonly next: string;
}

/** What in the rendered file `content` must not go to Git, or would not survive Flux. */
export function checkText(content: string): readonly TextFault[] {
  const faults = credentialsIn(content).map((name) => leak(`it holds what looks like ${name}`));
  if (!content.includes('${')) return faults;
  return [
    ...faults,
    {
      code: 'flux-substitution',
      message: 'it holds "${", which Flux takes for a variable of its own',
      next: 'write $(NAME) for environment variables of the pod, or read the text from a file in the image',
    },
  ];
}

/** Where `object` holds a credential by its place or name, whatever it looks like. */
export function checkObject(object: KubernetesObject): readonly TextFault[] {
  return literalSecretsIn(object).map((path) => leak(`it holds the value of a secret at ${path}`));
}

function leak(message: string): TextFault {
  return {
    code: 'secret-in-file',
    message,
    next: 'keep the value in a Secret that is made outside Git (or by External Secrets, or SOPS), and refer to it by name',
  };
}
