import type { ClusterProps } from '../cluster';
import { child } from '../fields';
import type { Report } from '../report';
import type { ExternalSecretProps } from '../secrets';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { checkDnsLabel, checkObjectName } from './names';

const SECRET_KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/** Rules of a Cluster's `secrets`. */
export function checkSecrets(
  props: Loose<ClusterProps>,
  field: (path: string) => string,
  report: Report,
): void {
  const { external, sops } = props.secrets ?? {};
  const seen = new Map<string, string>();
  external?.forEach((secret, index) => {
    if (secret === undefined) return;
    const at = child(field('secrets.external'), index);
    checkExternal(secret, at, report);
    const namespace = secret.namespace ?? props.defaults?.namespace ?? '';
    const identity = `${namespace}/${secret.name ?? at}`;
    const other = seen.get(identity);
    if (other === undefined) seen.set(identity, at);
    else
      report.error('duplicate-name', `${at}.name`, `${shown(secret.name)} is made by ${other} already`, {
        next: 'join the two, or rename one',
      });
  });
  if (sops === undefined) return;
  checkObjectName(sops.keySecret, field('secrets.sops.keySecret'), report);
  if ((props.gitOps ?? 'argocd') === 'argocd') {
    if (sops.argocdPlugin === undefined && !report.isBroken(field('secrets.sops.argocdPlugin')))
      report.error('missing-field', field('secrets.sops'), 'Argo CD cannot decrypt SOPS files by itself', {
        next: 'name the config management plugin that does in secrets.sops.argocdPlugin, or use secrets.external',
      });
  } else if (sops.argocdPlugin !== undefined) {
    report.error(
      'contradiction',
      field('secrets.sops.argocdPlugin'),
      'has no effect with Flux, which decrypts by itself',
      {
        next: 'leave it out',
      },
    );
  }
}

function checkExternal(
  { name, namespace, store, keys }: Loose<ExternalSecretProps>,
  at: string,
  report: Report,
): void {
  checkObjectName(name, `${at}.name`, report);
  checkDnsLabel(namespace, `${at}.namespace`, report);
  checkObjectName(store?.name, `${at}.store.name`, report);
  for (const key of Object.keys(keys ?? {})) {
    if (SECRET_KEY.test(key)) continue;
    report.error('invalid-name', child(`${at}.keys`, key), `${shown(key)} is not a key of a Secret`, {
      allowed: 'letters, digits, hyphens, underscores and dots, at most 253',
      atKey: true,
    });
  }
}
