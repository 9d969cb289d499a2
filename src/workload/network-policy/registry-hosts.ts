/** Host that Docker's references without one mean, and what it really is. */
const DOCKER_HUB = ['registry-1.docker.io', 'auth.docker.io', 'production.cloudflare.docker.com'];

/**
 * Where registries keep the layers that they redirect to. Known, not measured: each registry names them in its guide for
 * firewalls (for Azure: learn.microsoft.com/azure/container-registry/container-registry-firewall-rules) and may change
 * them. A registry that is not here serves its own.
 */
const STORES: readonly (readonly [
  registry: RegExp,
  stores: (match: RegExpExecArray) => readonly string[],
])[] = [
  [/\.azurecr\.io$/, () => ['*.blob.core.windows.net']],
  [/^mcr\.microsoft\.com$/, () => ['*.data.mcr.microsoft.com']],
  [/^ghcr\.io$/, () => ['pkg-containers.githubusercontent.com']],
  [/^quay\.io$/, () => ['cdn.quay.io', 'cdn01.quay.io', 'cdn02.quay.io', 'cdn03.quay.io']],
  [
    /^[0-9]+\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$/,
    ([, region = '']) => [`prod-${region}-starport-layer-bucket.s3.${region}.amazonaws.com`],
  ],
];

/** Hosts, some with a port, that the image `reference` is read from or written to. */
export function registryHosts(reference: string): readonly string[] {
  const [first = '', ...rest] = reference.split('/');
  if (rest.length === 0 || !/[.:]|^localhost$/.test(first) || first === 'docker.io') return DOCKER_HUB;
  const found = STORES.flatMap(([registry, stores]) => {
    const match = registry.exec(first);
    return match === null ? [] : stores(match);
  });
  return [first, ...found];
}
