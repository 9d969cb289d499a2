import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A value as SOPS leaves it. */
export const ENCRYPTED = 'ENC[AES256_GCM,data:bG9yZW0=,iv:aXBzdW0=,tag:ZG9sb3I=,type:str]';

/** A Secret as SOPS leaves it: with its own indentation, a comment and a signature. */
export function sopsFile(name: string, values: Readonly<Record<string, string>>, namespace = 'chat'): string {
  const data = Object.entries(values).map(([key, value]) => `    ${key}: ${value}`);
  return [
    '# who may read it: the platform team',
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `    name: ${name}`,
    `    namespace: ${namespace}`,
    'stringData:',
    ...data,
    'sops:',
    '    age:',
    '        - recipient: age1exampleexampleexampleexampleexampleexampleexampleexampleexa',
    '          enc: |',
    '            -----BEGIN AGE ENCRYPTED FILE-----',
    '            YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==',
    '            -----END AGE ENCRYPTED FILE-----',
    '    lastmodified: "2026-01-02T03:04:05Z"',
    `    mac: ${ENCRYPTED}`,
    '    encrypted_regex: ^(data|stringData)$',
    '    version: 3.9.0',
    '',
  ].join('\n');
}

/** A new folder with these files. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-sops-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
