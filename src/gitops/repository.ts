import type { Problem } from '../spec/problem';
import { DNS_SUBDOMAIN, isDnsSubdomain } from '../spec/syntax/kubernetes-names';

/** Where Argo CD and Flux find the rendered tree. */
export interface RepositoryProps {
  /**
   * URL of the Git repository, `https://` or `ssh://`; or of an OCI artifact that holds the tree, `oci://<registry>/<path>`
   * (Flux, and Argo CD 3.1 or newer).
   */
  readonly url: string;
  /** Branch of the Git repository. @default `main` */
  readonly branch?: string;
  /** Tag of the OCI artifact. @default `latest` */
  readonly tag?: string;
  /** Folder of the rendered tree in the repository or artifact. @default `outdir` of the Fleet */
  readonly path?: string;
  /**
   * `folders`: all clusters on one branch, so that one pull request shows them all. `branches`: each cluster on its branch
   * `environments/<cluster>`, which `slipway publish` writes from the committed tree. @default `folders`
   */
  readonly layout?: 'folders' | 'branches';
  /**
   * Name of the Secret in `flux-system` that Flux reads the repository or artifact with; it has to be there. Argo CD finds its
   * credentials by the URL. @default none: everybody may read it
   */
  readonly secretName?: string;
}

/** Where Argo CD or Flux finds the rendered tree, with all defaults. */
export interface Repository {
  readonly url: string;
  readonly kind: 'git' | 'oci';
  /** Branch, or tag of an OCI artifact. */
  readonly revision: string;
  /** Folder of the rendered tree in the repository; empty where the tree is all that it holds. */
  readonly path: string;
  readonly layout: 'folders' | 'branches';
  /** Name of the Secret that Flux reads it with; absent where none is needed. */
  readonly secretName?: string;
}

/** Prefix of the branches of clusters in the layout `branches`. */
export const BRANCH_PREFIX = 'environments/';

const OCI = 'oci://';
const URL_FORM = /^(?:https?|ssh):\/\/(?<authority>[^/\s]+)\/\S+$/;
const SCP_FORM = /^(?<host>[^/\s:]+):(?<path>[^/\s]\S*)$/;
const OCI_FORM = /^oci:\/\/[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+$/;
/** What Git allows in a branch's name, without its rarer rules (git help check-ref-format). */
const BRANCH = /^(?![/.-])(?!.*(?:\.\.|\/\/|@\{|\/\.|\.lock(?:\/|$)))[^\s~^:?*[\\]+(?<![/.])$/;
const TAG = /^\w[\w.-]{0,127}$/;

/** `props` with all defaults. */
export function repositoryOf(props: RepositoryProps, outdir: string): Repository {
  const isOci = props.url.startsWith(OCI);
  return {
    url: props.url,
    kind: isOci ? 'oci' : 'git',
    revision: isOci ? (props.tag ?? 'latest') : (props.branch ?? 'main'),
    path: (props.path ?? outdir).replace(/^(?:\.?\/)+|\/+$/g, '').replace(/^\.$/, ''),
    layout: props.layout ?? 'folders',
    ...(props.secretName === undefined ? {} : { secretName: props.secretName }),
  };
}

/** What of `props` neither engine could use; `construct` is where the Fleet is. */
export function checkRepository(props: RepositoryProps, construct: string): readonly Problem[] {
  const problems: Problem[] = [];
  const error = (
    field: string,
    code: string,
    message: string,
    more: Pick<Problem, 'allowed' | 'next'> = {},
  ) => {
    problems.push({
      severity: 'error',
      code,
      position: { construct },
      field: `repository.${field}`,
      message,
      ...more,
    });
  };
  checkUrl(props.url, error);
  if (props.secretName !== undefined && !isDnsSubdomain(props.secretName))
    error('secretName', 'invalid-value', `"${props.secretName}" is no name of a Secret`, {
      allowed: DNS_SUBDOMAIN,
    });
  if (props.url.startsWith(OCI)) {
    if (props.layout === 'branches')
      error('layout', 'contradiction', 'an OCI artifact has no branches', {
        next: 'leave layout out, or give the URL of a Git repository',
      });
    if (props.branch !== undefined)
      error('branch', 'contradiction', 'an OCI artifact has no branch', {
        next: 'give its tag as repository.tag',
      });
    if (props.tag !== undefined && !TAG.test(props.tag))
      error('tag', 'invalid-value', `"${props.tag}" is no tag`, {
        allowed: 'letters, digits, underscores, dots and hyphens, at most 128',
      });
    return problems;
  }
  if (props.tag !== undefined)
    error('tag', 'contradiction', 'a tag belongs to an OCI artifact, and this is a Git repository', {
      next: 'leave it out: the engines follow repository.branch',
    });
  if (props.branch !== undefined && !BRANCH.test(props.branch))
    error('branch', 'invalid-value', `"${props.branch}" is no name of a branch`, {
      allowed: 'a name such as main',
    });
  return problems;
}

/**
 * What the engines of `clusters` lack to read the repository: over ssh Flux takes nothing without a key.
 *
 * @param construct where the Fleet is
 */
export function checkReadable(
  { url, secretName }: Repository,
  clusters: readonly { readonly cluster: string; readonly engine: 'argocd' | 'flux' }[],
  construct: string,
): readonly Problem[] {
  const [first] = clusters.filter(({ engine }) => engine === 'flux');
  if (first === undefined || secretName !== undefined || !url.startsWith('ssh:')) return [];
  return [
    {
      severity: 'error',
      code: 'missing-field',
      position: { construct },
      field: 'repository.secretName',
      message: `Flux, which applies cluster ${first.cluster}, reads ${url} with a key only`,
      next: 'name the Secret in flux-system that has identity and known_hosts (flux create secret git)',
    },
  ];
}

type Report = (
  field: string,
  code: string,
  message: string,
  more?: Pick<Problem, 'allowed' | 'next'>,
) => void;

function checkUrl(url: string, error: Report): void {
  const allowed = 'https://<host>/<path>, ssh://git@<host>/<path> or oci://<registry>/<path>';
  if (url.startsWith(OCI)) {
    if (!OCI_FORM.test(url))
      error('url', 'invalid-value', `"${url}" is no OCI repository`, {
        allowed: 'oci://<registry>/<path> in lower case, without a tag: that is repository.tag',
      });
    return;
  }
  const authority = URL_FORM.exec(url)?.groups?.['authority'];
  if (authority === undefined) {
    const { host, path } = SCP_FORM.exec(url)?.groups ?? {};
    error('url', 'invalid-value', `"${url}" is no URL that both engines read`, {
      allowed,
      ...(host === undefined ? {} : { next: `write ssh://${host}/${path ?? ''}` }),
    });
    return;
  }
  // A user without a password is usual with ssh; over https it may well be a token.
  const [user] = authority.includes('@') ? authority.split('@') : [];
  if (user?.includes(':') === true || (user !== undefined && !url.startsWith('ssh:')))
    error('url', 'secret-value', 'holds a user or a password, which would end up in Git', {
      next: 'leave it out, and give Argo CD or Flux the credential (docs/gitops.md)',
    });
}
