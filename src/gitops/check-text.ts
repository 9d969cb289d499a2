/** Something that must not stand in a rendered file. */
export interface TextFault {
  readonly code: 'secret-in-file' | 'flux-substitution';
  /** What was found: lower case, no full stop, never the secret itself. */
  readonly message: string;
  readonly next: string;
}

/** What credentials look like. A false alarm costs a rename, a leak costs the credential. */
const CREDENTIALS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'a Hugging Face token', pattern: /\bhf_[A-Za-z0-9]{30,}/ },
  { name: 'a GitHub token', pattern: /\bgh[pousr]_[A-Za-z0-9]{36,}/ },
  { name: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { name: 'an NVIDIA NGC key', pattern: /\bnvapi-[A-Za-z0-9_-]{60,}/ },
  { name: 'an API key', pattern: /\bsk-[A-Za-z0-9_-]{32,}/ },
  { name: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { name: 'a URL with a password', pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:"']+:[^\s/@"']+@/ },
];
/** All of them at once: nearly every file has none. */
const ANY = new RegExp(CREDENTIALS.map(({ pattern }) => pattern.source).join('|'));
/** A Secret's own members for values, at the top level of its document. */
const SECRET_VALUES = /^(?:data|stringData):(?! \{\})/m;

/** What in the rendered file `content` must not go to Git, or would not survive Flux. */
export function checkText(content: string): TextFault[] {
  const faults: TextFault[] = [];
  if (ANY.test(content)) {
    for (const { name, pattern } of CREDENTIALS) {
      if (pattern.test(content)) faults.push(leak(`it holds what looks like ${name}`));
    }
  }
  if (/^kind: Secret$/m.test(content) && SECRET_VALUES.test(content)) faults.push(leak('it is a Secret with values'));
  if (content.includes('${')) {
    faults.push({
      code: 'flux-substitution',
      message: 'it holds "${", which Flux takes for a variable of its own',
      next: 'write $(NAME) for environment variables of the pod, or read the text from a file in the image',
    });
  }
  return faults;
}

function leak(message: string): TextFault {
  return {
    code: 'secret-in-file',
    message,
    next: 'keep the value in a Secret that is made outside Git (or by External Secrets, or SOPS), and refer to it by name',
  };
}
