import { EXIT, type ExitCode } from '../exit-code';
import { KubernetesError, type Kubernetes, type NodeState } from '../kubernetes/api';
import type { Session } from '../session';
import type { Expectation } from './expectation';
import { readinessOf, type Readiness } from './readiness';

const POLL_MS = 15_000;
/** Failed looks at the nodes in a row before waiting is given up: five minutes. */
const MAX_FAILED_LOOKS = 20;

/** How waiting for one pool ended. */
export interface WaitOutcome {
  readonly pool: string;
  readonly exitCode: ExitCode;
  readonly message: string;
  readonly readyNodes: number;
  readonly gpus: number;
}

/**
 * Waits for the nodes of all pools side by side, each stage of each pool within its own limit.
 *
 * @throws KubernetesError when the API server refuses, or does not answer for five minutes
 */
export async function waitForNodes(
  session: Session,
  kubernetes: Kubernetes,
  expectations: readonly Expectation[],
): Promise<readonly WaitOutcome[]> {
  const waits = expectations.map((expected) => new PoolWait(expected, session));
  let failedLooks = 0;
  while (waits.some((wait) => !wait.outcome)) {
    let nodes: readonly NodeState[] | undefined;
    try {
      nodes = await kubernetes.nodes();
      failedLooks = 0;
    } catch (error) {
      const refused = error instanceof KubernetesError && (error.status === 401 || error.status === 403);
      if (!(error instanceof KubernetesError) || refused || ++failedLooks > MAX_FAILED_LOOKS) throw error;
      session.parts.report({
        level: 'warning',
        event: 'node-wait',
        message: `${error.message}; asking again`,
      });
    }
    if (nodes) for (const wait of waits) wait.look(nodes);
    if (waits.some((wait) => !wait.outcome)) await session.pause(POLL_MS);
  }
  return waits.map((wait) => wait.outcome).filter((outcome) => outcome !== undefined);
}

class PoolWait {
  outcome: WaitOutcome | undefined;
  #stage: Readiness['stage'] = 'nodes';
  #stageSince: number;
  #told = '';

  constructor(
    private readonly expected: Expectation,
    private readonly session: Session,
  ) {
    this.#stageSince = session.now;
  }

  look(nodes: readonly NodeState[]): void {
    if (this.outcome) return;
    const { pool } = this.expected;
    const readiness = readinessOf(
      this.expected,
      nodes.filter((node) => node.pool === pool),
    );
    if (readiness.stage !== this.#stage) {
      this.#stage = readiness.stage;
      this.#stageSince = this.session.now;
    }
    if (readiness.stage === 'done') {
      this.#end(readiness, EXIT.converged, readiness.message);
      return;
    }
    const limit =
      readiness.stage === 'nodes' ? this.expected.nodesTimeoutSeconds : this.expected.gpuTimeoutSeconds;
    const waitedSeconds = Math.round((this.session.now - this.#stageSince) / 1000);
    if (waitedSeconds > limit || this.session.isOver) {
      this.#end(
        readiness,
        EXIT.notReady,
        `not ready after ${Math.min(waitedSeconds, limit)} s: ${readiness.message}`,
      );
    } else if (readiness.message !== this.#told) {
      this.#told = readiness.message;
      this.session.parts.report({ level: 'info', event: 'node-wait', pool, message: readiness.message });
    }
  }

  #end(readiness: Readiness, exitCode: ExitCode, message: string): void {
    const { pool } = this.expected;
    this.outcome = { pool, exitCode, message, readyNodes: readiness.readyNodes, gpus: readiness.gpus };
    this.session.parts.report({
      level: exitCode === EXIT.converged ? 'info' : 'error',
      event: exitCode === EXIT.converged ? 'pool-ready' : 'pool-not-ready',
      pool,
      message,
    });
  }
}
