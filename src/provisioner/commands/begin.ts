import type { ManagedCluster } from '@azure/arm-containerservice';
import { EXIT, type ExitCode } from '../exit-code';
import { withRetries } from '../retry';
import type { Session } from '../session';

const POLL_MS = 15_000;
const LEASE_POLL_MS = 5000;
const SETTLED_STATES = ['Succeeded', 'Failed', 'Canceled'];

/** Thrown when the run as a whole cannot go on; the message says what to do. */
export class RunError extends Error {
  override readonly name = 'RunError';

  constructor(
    message: string,
    readonly exitCode: ExitCode,
  ) {
    super(message);
  }
}

/**
 * Takes the lease, waiting for the run that holds it.
 *
 * @throws RunError with exit code 6 at the deadline
 */
export async function acquireLease(session: Session): Promise<void> {
  const { lease, report } = session.parts;
  if (!lease) return;
  let told = '';
  for (;;) {
    const holder = await lease.tryAcquire();
    if (holder === undefined) return;
    if (session.isOver) {
      throw new RunError(
        `another run (${holder}) still holds the lease; run again when it has ended`,
        EXIT.busy,
      );
    }
    if (holder !== told) {
      told = holder;
      report({ level: 'info', event: 'lease-wait', message: `waiting for another run: ${holder}` });
    }
    await session.pause(LEASE_POLL_MS);
  }
}

/**
 * Looks whether the cluster is there, running, and not in the middle of something.
 *
 * @throws RunError when it is stopped, or does not settle before the deadline
 */
export async function settledCluster(session: Session): Promise<ManagedCluster> {
  const { azure, document, report } = session.parts;
  let told = '';
  for (;;) {
    const cluster = await withRetries(session, `reading cluster ${document.cluster.name}`, () =>
      azure.cluster(),
    );
    if (cluster.powerState?.code === 'Stopped') {
      throw new RunError(
        `cluster ${document.cluster.name} is stopped; start it with "az aks start"`,
        EXIT.invalid,
      );
    }
    const state = cluster.provisioningState ?? 'Succeeded';
    if (SETTLED_STATES.includes(state)) return cluster;
    if (session.isOver) {
      throw new RunError(`cluster ${document.cluster.name} is still ${state}; run again`, EXIT.busy);
    }
    if (state !== told) {
      told = state;
      report({ level: 'info', event: 'cluster-busy', message: `the cluster is ${state}; waiting` });
    }
    await session.pause(POLL_MS);
  }
}

/** True where Karpenter makes the nodes (Node Auto Provisioning). */
export function isAutoProvisioned(cluster: ManagedCluster): boolean {
  return cluster.nodeProvisioningProfile?.mode === 'Auto';
}
