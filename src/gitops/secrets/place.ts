import type { ClusterSpec } from '../../spec/normal';
import type { Problem } from '../../spec/problem';
import { fileName, type PlacedObject } from '../tree';
import { externalSecret } from './external-secret';
import { readSopsFolder, type SopsFault, type SopsFile } from './sops';

/** Folder, below a cluster's, of what its Secrets are made from. */
export const SECRETS = 'secrets';

/** What the Secrets of `cluster` are made from, in a folder of its own: what it needs to be applied, nothing else has to wait for. */
export function placeSecrets(
  cluster: ClusterSpec,
  construct: string,
): { readonly objects: readonly PlacedObject[]; readonly problems: readonly Problem[] } {
  const { external = [], sops } = cluster.secrets;
  const place = (object: PlacedObject['object'], namespace: string): PlacedObject => ({
    object,
    folder: `${cluster.name}/${SECRETS}`,
    // A namespace has no dot, so that no two files of the folder have one name.
    file: fileName(object.kind, `${namespace}.${object.metadata.name}`),
    construct,
    engine: cluster.gitOps,
  });
  const objects = external.map((props) => {
    const object = externalSecret(props, cluster);
    return place(object, object.metadata.namespace ?? '');
  });
  if (sops === undefined) return { objects, problems: [] };
  const { files, faults } = readSopsFolder(sops.folder);
  const encryption = {
    keySecret: sops.keySecret ?? 'sops-keys',
    ...(sops.argocdPlugin === undefined ? {} : { argocdPlugin: sops.argocdPlugin }),
  };
  return {
    objects: [
      ...objects,
      ...files.map(({ object, content }) => ({
        ...place(object, object.metadata.namespace),
        encrypted: { content, ...encryption },
      })),
    ],
    problems: [...faults, ...twice(objects, files)].map(({ file, message, next }) => ({
      severity: 'error',
      code: 'sops-file',
      ...cluster.at('secrets.sops.folder'),
      message: `${file}: ${message}`,
      next,
    })),
  };
}

/** Files for a Secret that the External Secrets Operator makes, too: each would undo what the other does. */
function twice(external: readonly PlacedObject[], files: readonly SopsFile[]): readonly SopsFault[] {
  const made = new Set(
    external.map(({ object: { metadata } }) => `${metadata.namespace ?? ''}/${metadata.name}`),
  );
  return files
    .map(({ file, object: { metadata } }) => ({ file, secret: `${metadata.namespace}/${metadata.name}` }))
    .filter(({ secret }) => made.has(secret))
    .map(({ file, secret }) => ({
      file,
      message: `Secret ${secret} is in secrets.external, too`,
      next: 'keep one of the two',
    }));
}
