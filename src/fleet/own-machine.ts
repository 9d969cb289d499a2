import type { MachineType } from '../catalog/machine';
import type { OwnNodesProvisioning } from '../spec/cluster';
import { memoryGiBOf } from '../spec/mig-profiles';
import type { ClusterSpec, WorkspaceSpec } from '../spec/normal';
import type { PartitionProps } from '../spec/workspace';

const GIB = 2 ** 30;
/** What a slice has less than its profile says: 0.25 to 0.5 GiB on A100 and H100 (`nvidia-smi mig -lgip`). */
const SLICE_RESERVE_BYTES = GIB / 2;

/** GPUs that one pod gets of an own node. */
interface Share {
  readonly count: number;
  readonly bytes: number;
  /** Part of the node's GPUs, 0..1: CPU and memory are shared alike. */
  readonly part: number;
}

/** The nodes that the cluster has, or the part of each that the Workspace asks for, as a machine type: the facts come from the Cluster. */
export function ownMachine(
  workspace: WorkspaceSpec,
  cluster: ClusterSpec,
  own: OwnNodesProvisioning,
): MachineType {
  const { count, bytes, part } = shareOf(own, workspace.resource.partition);
  const shared = (amount: number | undefined) => (amount === undefined ? null : amount * part);
  const memoryGiB = shared(own.memoryGiB);
  return {
    cloud: cluster.cloud,
    name: own.gpu.product,
    aliases: [],
    vcpus: shared(own.cpu),
    memoryBytes: memoryGiB === null ? null : Math.floor(memoryGiB * GIB),
    arch: 'amd64',
    gpu: {
      vendor: 'nvidia',
      model: own.gpu.product,
      count,
      nominalBytes: bytes,
      usableBytes: bytes,
      computeCapability: own.gpu.computeCapability ?? 8,
      provenance: { source: 'nodeProvisioning.gpu of the cluster', confidence: 'published' },
    },
    nvmeBytes: null,
    status: 'current',
    retirementDate: null,
    unfit: null,
    price: {
      perHour: null,
      spotPerHour: null,
      region: 'own',
      date: '',
      source: 'nodes of the cluster itself',
    },
    notes: null,
  };
}

function shareOf({ gpu }: OwnNodesProvisioning, partition: PartitionProps | null): Share {
  const bytes = Math.floor(gpu.memoryGiB * GIB);
  if (partition?.mode === 'mig') {
    const slice = Math.floor(memoryGiBOf(partition.profile)) * GIB - SLICE_RESERVE_BYTES;
    return { count: 1, bytes: Math.min(slice, bytes), part: slice / bytes / gpu.count };
  }
  // More than the node has is an error of its own; here it counts as all of it.
  const count = Math.min(partition?.count ?? gpu.count, gpu.count);
  return { count, bytes, part: count / gpu.count };
}
