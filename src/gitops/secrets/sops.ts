import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isKubernetesObject, type KubernetesObject } from '../object';

/** A Secret that SOPS has encrypted, as it stands in its file. */
export interface SopsFile {
  readonly file: string;
  /** Byte for byte: SOPS signs what it has encrypted. */
  readonly content: string;
  /** Names and keys are readable, values are not. */
  readonly object: KubernetesObject & { readonly metadata: { readonly namespace: string } };
}

/** A file that is not what it has to be. */
export interface SopsFault {
  readonly file: string;
  /** Lower case, no full stop. */
  readonly message: string;
  readonly next: string;
}

/** What SOPS writes in place of a value (https://github.com/getsops/sops, "Encryption protocol"). */
const ENCRYPTED = /^ENC\[AES256_GCM,data:[^,\]]*,iv:[^,\]]+,tag:[^,\]]+,type:\w+\]$/;
const ENCRYPT = "encrypt it: sops encrypt --encrypted-regex '^(data|stringData)$' --in-place";

/** The Secrets in the `.yaml` files of `folder`, and what is wrong with the others. Folders inside it are left alone. */
export function readSopsFolder(folder: string): {
  readonly files: readonly SopsFile[];
  readonly faults: readonly SopsFault[];
} {
  let names: readonly string[];
  try {
    names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name) && entry.name !== '.sops.yaml')
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : String(error);
    return {
      files: [],
      faults: [
        { file: folder, message: `the folder ${why}`, next: 'make it, or correct secrets.sops.folder' },
      ],
    };
  }
  if (names.length === 0) {
    const next = 'put a Secret that SOPS has encrypted there, or leave secrets.sops out';
    return { files: [], faults: [{ file: folder, message: 'the folder holds no .yaml file', next }] };
  }
  const read = names.map((name) => readSopsFile(join(folder, name)));
  return {
    files: read.flatMap((one) => ('object' in one ? [one] : [])),
    faults: read.flatMap((one) => ('message' in one ? [one] : [])),
  };
}

function readSopsFile(file: string): SopsFile | SopsFault {
  const content = readFileSync(file, 'utf8');
  const fault = (message: string, next: string): SopsFault => ({ file, message, next });
  const [document, ...others] = parseAllDocuments(content);
  if (document === undefined || others.length > 0 || document.errors.length > 0)
    return fault('it is not one YAML document', 'put each Secret into a file of its own');
  const object: unknown = document.toJS();
  if (!isSecret(object))
    return fault(
      'it is not a Secret with a name and a namespace',
      'add metadata.namespace, and encrypt again',
    );
  const { mac } = (object['sops'] ?? {}) as { readonly mac?: unknown };
  if (typeof mac !== 'string') return fault('it is not encrypted with SOPS', ENCRYPT);
  const open = openValues(object);
  if (open.length > 0)
    return fault(
      `${open.join(', ')} ${open.length === 1 ? 'is' : 'are'} not encrypted`,
      `revoke what it gives access to, and ${ENCRYPT}`,
    );
  return { file, content, object };
}

function isSecret(object: unknown): object is SopsFile['object'] {
  return (
    isKubernetesObject(object) &&
    object.apiVersion === 'v1' &&
    object.kind === 'Secret' &&
    typeof object.metadata.namespace === 'string'
  );
}

/** Paths of values that everybody can read. */
function openValues(object: KubernetesObject): readonly string[] {
  return ['data', 'stringData'].flatMap((member) =>
    Object.entries((object[member] ?? {}) as Readonly<Record<string, unknown>>)
      .filter(([, value]) => typeof value !== 'string' || (value !== '' && !ENCRYPTED.test(value)))
      .map(([key]) => `${member}.${key}`),
  );
}
