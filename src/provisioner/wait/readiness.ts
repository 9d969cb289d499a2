import type { NodeState } from '../kubernetes/api';
import type { Expectation } from './expectation';

/** How far the nodes of a pool are, and what is missing. */
export interface Readiness {
  /** The first stage that is not reached, or `done`. */
  readonly stage: 'nodes' | 'gpu' | 'done';
  readonly readyNodes: number;
  readonly gpus: number;
  /** For people: what is there, and what is missing and why. */
  readonly message: string;
}

/** Judges the nodes of one pool. Pure. */
export function readinessOf(expected: Expectation, nodes: readonly NodeState[]): Readiness {
  const ready = nodes.filter((node) => node.ready && !node.uninitialized);
  const gpus = ready.reduce((sum, node) => sum + (node.allocatable[expected.gpuResource] ?? 0), 0);
  const count = { readyNodes: ready.length, gpus };
  if (ready.length < expected.nodes) {
    const waiting = nodes
      .filter((node) => !ready.includes(node))
      .map((node) =>
        node.ready
          ? `${node.name} waits for the cloud controller`
          : `${node.name} is not Ready (${node.notReadyReason})`,
      );
    const missing = expected.nodes - nodes.length;
    if (missing > 0) waiting.push(`${missing} not registered with Kubernetes yet`);
    return {
      ...count,
      stage: 'nodes',
      message: `${ready.length} of ${expected.nodes} nodes Ready: ${waiting.join('; ')}`,
    };
  }
  if (expected.level !== 'gpu') {
    return { ...count, stage: 'done', message: `${ready.length} of ${expected.nodes} nodes Ready` };
  }
  const wanted = expected.gpusPerNode ?? 1;
  const lacking = ready.filter((node) => (node.allocatable[expected.gpuResource] ?? 0) < wanted);
  if (ready.length - lacking.length >= expected.nodes) {
    return {
      ...count,
      stage: 'done',
      message: `${ready.length} nodes Ready with ${gpus} ${expected.gpuResource}`,
    };
  }
  const details = lacking.map(
    (node) => `${node.name} offers ${node.allocatable[expected.gpuResource] ?? 0} of ${wanted}`,
  );
  const cause =
    expected.driver === 'None'
      ? 'the pool is without driver: is the GPU Operator installed and done?'
      : 'is the NVIDIA device plugin running on the nodes, and does it tolerate their taints?';
  return {
    ...count,
    stage: 'gpu',
    message: `nodes Ready, ${expected.gpuResource} missing: ${details.join('; ')}; ${cause}`,
  };
}
