import { dirname } from 'node:path';
import type { Bench } from './bench/bench';
import { benchWithCatalogue, largestOfArgoCd, prepare } from './runs';
import { Runner } from './runner';

const print = (line: string): void => {
  console.log(line);
};

/** Start a control plane and leave it to a person. */
export async function keepBare(): Promise<never> {
  return keepRunning(await benchWithCatalogue(print, ['argocd', 'flux']), ['kubectl get nodes']);
}

/** Start a control plane, have Argo CD apply the largest example, and leave it to a person. */
export async function keepDemo(project: string): Promise<never> {
  const { name } = largestOfArgoCd(project);
  const { bench, scenario } = await prepare({ project, cluster: name, engine: 'argocd' }, new Runner());
  const { cluster } = bench;
  await cluster.kubectl(['apply', '--kustomize', scenario.repository.path(`gitops/${name}/argocd`)]);
  return keepRunning(bench, [
    `# Argo CD applies gitops/${name} from the Git repository ${scenario.repository.folder}`,
    'kubectl get applications -n argocd --watch        # Synced and Healthy within a minute',
    'kubectl get nodepools,nodeclaims                  # what Karpenter buys for the pending pods',
    'kubectl get nodes -L node.kubernetes.io/instance-type,slipway.dev/node-group',
    'kubectl get pods -A -o wide                       # each on a node of its own group',
    '# change a file there and `git commit` it; Argo CD looks again when it is told:',
    `kubectl annotate application -n argocd --all argocd.argoproj.io/refresh=normal`,
  ]);
}

function keepRunning(bench: Bench, advice: readonly string[]): Promise<never> {
  console.log(
    [
      '',
      'The control plane runs until you press Ctrl-C. In another terminal:',
      '',
      `  export KUBECONFIG=${bench.cluster.kubeconfig}`,
      `  export PATH=${dirname(bench.cluster.kubectlPath)}:$PATH    # for its kubectl`,
      ...advice.map((line) => `  ${line}`),
      '',
      `Logs: ${bench.folder}/logs`,
    ].join('\n'),
  );
  // Nothing else keeps this process alive.
  setInterval(() => undefined, 60_000);
  return new Promise<never>(() => undefined);
}
