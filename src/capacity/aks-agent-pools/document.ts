import type { AgentPoolSettings, AksAgentPoolsProvisioning } from '../../spec/cluster';

/**
 * The document that `slipway provision` reads: `schemas/provisioner-pools.schema.json`. This room states the part that
 * it writes; a test holds it against the program's own reader.
 */
export interface PoolsDocument {
  readonly schemaVersion: 1;
  readonly cluster: {
    readonly subscriptionId: string;
    readonly resourceGroup: string;
    readonly name: string;
    readonly cloud?: NonNullable<AksAgentPoolsProvisioning['azureCloud']>;
  };
  /** Value of the Azure tag `slipway-owner`: only pools that carry it are ever changed. */
  readonly owner: string;
  readonly pools: readonly Pool[];
}

/** One agent pool. */
export interface Pool extends Pick<
  AgentPoolSettings,
  'gpuDriver' | 'maxPods' | 'osDiskType' | 'subnetId' | 'waitFor'
> {
  readonly name: string;
  readonly candidates: readonly Candidate[];
  readonly count?: number;
  readonly autoscale?: { readonly min: number; readonly max: number };
  readonly osSKU: 'Ubuntu' | 'AzureLinux';
  readonly osDiskSizeGB: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** One machine type of a pool. */
export interface Candidate extends Pick<AgentPoolSettings, 'evictionPolicy' | 'spotMaxPrice' | 'zones'> {
  readonly vmSize: string;
  readonly gpusPerNode: number;
  readonly priority?: 'Spot';
}
