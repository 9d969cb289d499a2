/**
 * What credentials look like, by the formats that their issuers publish. A false alarm costs a rename, a leak costs the
 * credential.
 */
const CREDENTIALS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'a Hugging Face token', pattern: /\b(?:hf_|api_org_)[A-Za-z0-9]{30,}/ },
  { name: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})/ },
  { name: 'a GitLab token', pattern: /\bgl(?:pat|dt|rt|cbt)-[A-Za-z0-9_-]{20,}/ },
  { name: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { name: 'an Azure storage key', pattern: /\bAccountKey=[A-Za-z0-9+/]{40,}/ },
  { name: 'a signed Azure URL', pattern: /[?&]sig=[A-Za-z0-9%]{40,}/ },
  { name: 'a Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}/ },
  { name: 'an NVIDIA NGC key', pattern: /\bnvapi-[A-Za-z0-9_-]{60,}/ },
  { name: 'a Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{20,}/ },
  // Capitals and digits, since names of Kubernetes objects may well begin with "sk-".
  { name: 'an API key', pattern: /\bsk-(?=[a-z0-9_-]*[A-Z])(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{32,}/ },
  {
    name: 'a signed token (JWT)',
    pattern: /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}/,
  },
  { name: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  { name: "a registry's password", pattern: /"auth"\s*:\s*"[A-Za-z0-9+/]{8,}={0,2}"/ },
  // A reference to an environment variable, $(NAME), is none.
  { name: 'a URL with a password', pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:"']*:(?!\$\()[^\s/@"']+@/ },
];

/** All of them at once: nearly every file has none. */
const ANY = new RegExp(CREDENTIALS.map(({ pattern }) => pattern.source).join('|'));
/** Text that may be base64 of something as long as a credential; a run that is too short is looked at once, not from each place in it. */
const BASE64 = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,}={0,2}/g;

/** The names of what credentials `text` holds, plain or in base64; never the credentials themselves. */
export function credentialsIn(text: string): readonly string[] {
  const found = plainIn(text);
  for (const [encoded] of text.matchAll(BASE64)) {
    for (const name of plainIn(Buffer.from(encoded, 'base64').toString('latin1')))
      found.add(`${name}, in base64`);
  }
  return [...found];
}

function plainIn(text: string): Set<string> {
  if (!ANY.test(text)) return new Set();
  return new Set(CREDENTIALS.filter(({ pattern }) => pattern.test(text)).map(({ name }) => name));
}
