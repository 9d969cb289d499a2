/** One program that the bench runs, and how it is built from a Go module of `test/e2e/tools/`. */
export interface Program {
  /** Name of the binary in the cache. */
  readonly name: string;
  /** Folder of the tools module below `test/e2e/tools/`. */
  readonly module: string;
  /** Import path of the `main` package. */
  readonly package: string;
  /** `-X` settings for the linker, `variable=value`. */
  readonly variables: readonly string[];
  /** Seconds that a cold build took on two cores, for the progress line. */
  readonly usualSeconds: number;
}

/** kubectl and the API server report this version; unset, `kubectl version` cannot parse what they say. */
const kubernetesVersion = [
  'k8s.io/component-base/version.gitVersion=v1.36.3',
  'k8s.io/component-base/version.gitMajor=1',
  'k8s.io/component-base/version.gitMinor=36',
];

/** Every program of the bench, in the order in which they are built: what a small bench needs first. */
export const programs: readonly Program[] = [
  program('etcd', 'etcd', 'go.etcd.io/etcd/server/v3', 75),
  kubernetes('kube-apiserver', 297),
  kubernetes('kubectl', 30),
  kubernetes('kube-scheduler', 8),
  kubernetes('kube-controller-manager', 76),
  program('kwok', 'kwok', 'sigs.k8s.io/kwok/cmd/kwok', 89),
  program('karpenter', 'karpenter', 'sigs.k8s.io/karpenter/kwok', 113),
  program('kustomize', 'kubernetes', 'sigs.k8s.io/kustomize/kustomize/v5', 10),
  program('argocd', 'argo-cd', 'github.com/argoproj/argo-cd/v3/cmd', 172),
  program('kustomize-controller', 'kustomize-controller', 'github.com/fluxcd/kustomize-controller', 452),
];

function program(name: string, module: string, importPath: string, usualSeconds: number): Program {
  return { name, module, package: importPath, variables: [], usualSeconds };
}

function kubernetes(name: string, usualSeconds: number): Program {
  return {
    ...program(name, 'kubernetes', `k8s.io/kubernetes/cmd/${name}`, usualSeconds),
    variables: kubernetesVersion,
  };
}
