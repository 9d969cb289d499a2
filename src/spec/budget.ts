/** What may be used at most. */
export interface BudgetLimits {
  /** Whole GPUs that may be in use at once: all of each node, with every replica that there may be. @default no limit */
  readonly gpus?: number;
  /** MIG slices that may be in use at once, by their profile, such as `3g.40gb`: they are not counted as GPUs. @default no limit */
  readonly migSlices?: Readonly<Record<string, number>>;
  /**
   * US dollars an hour at the catalogue's list prices (on demand, the dearest machine type of a list), with every replica
   * that there may be. Nodes without a price, such as own ones, cost nothing here. @default no limit
   */
  readonly usdPerHour?: number;
}

/**
 * What Workspaces may use at most, all together and in each namespace. More is an error at synth; the GPUs and
 * slices of a namespace are a ResourceQuota too, so that nothing that was applied by hand takes them.
 */
export interface BudgetProps extends BudgetLimits {
  /** Limits by the name of the namespace. @default none */
  readonly namespaces?: Readonly<Record<string, BudgetLimits>>;
}
