import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Cluster } from '../cluster/cluster';
import { conditionOf, type Manifest } from '../cluster/manifest';
import { eventually } from '../process/eventually';
import { capacityBufferCrd } from '../tools/assets';

const crdFolder = join(__dirname, '..', '..', '..', '..', 'imports', 'crds');
/** Its NodeClaim has the name of Karpenter's: a cluster has one or the other. */
const GPU_PROVISIONER = 'gpu-provisioner-';
const ESTABLISHED_SECONDS = 30;

/** The CRDs that a cluster has besides Kubernetes' own kinds. */
export function customResourceDefinitions(): readonly Manifest[] {
  const sources = readdirSync(crdFolder).filter((source) => !source.startsWith(GPU_PROVISIONER));
  const files = sources.flatMap((source) =>
    readdirSync(join(crdFolder, source))
      .filter((file) => file.endsWith('.json'))
      .map((file) => join(crdFolder, source, file)),
  );
  return [...files, capacityBufferCrd.path()].map((file) => parse(readFileSync(file, 'utf8')) as Manifest);
}

/** Install all CRDs and wait until the API server serves them. */
export async function installCrds(cluster: Cluster): Promise<void> {
  const crds = customResourceDefinitions();
  // Karpenter's own CapacityBuffer CRD uses a format that the API server warns of.
  await cluster.apply(crds, { warnings: 'ignore' });
  await eventually('all CRDs are served', ESTABLISHED_SECONDS, async () => {
    const live = await cluster.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
    const waiting = live.filter((crd) => conditionOf(crd, 'Established')?.status !== 'True');
    if (live.length < crds.length || waiting.length > 0) {
      throw new Error(
        `${live.length} of ${crds.length} known, waiting for ${waiting.map((crd) => crd.metadata.name).join(', ')}`,
      );
    }
  });
}
