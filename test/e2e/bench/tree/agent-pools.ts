import type { Manifest } from '../cluster/manifest';

/** What the provisioner is told to make, as far as nodes show it. */
export interface AgentPool {
  readonly name: string;
  readonly candidates: readonly { readonly vmSize: string; readonly gpusPerNode: number }[];
  readonly count?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
}

/** The pools that are rendered for a cluster. */
export function agentPoolsOf(objects: readonly Manifest[]): readonly AgentPool[] {
  return objects.flatMap(({ kind, data }) => {
    const text = kind === 'ConfigMap' ? (data as Readonly<Record<string, string>>)['pools.json'] : undefined;
    return text === undefined ? [] : (JSON.parse(text) as { readonly pools: readonly AgentPool[] }).pools;
  });
}
