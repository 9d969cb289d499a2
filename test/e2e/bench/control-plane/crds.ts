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
const ESTABLISHED_SECONDS = 120;

/** Kinds whose CRDs the project has no copy of: any content is accepted, so that only their order and delivery are judged. */
const STAND_INS = [
  { group: 'networking.istio.io', version: 'v1', kind: 'DestinationRule', plural: 'destinationrules' },
  { group: 'networking.istio.io', version: 'v1alpha3', kind: 'EnvoyFilter', plural: 'envoyfilters' },
  { group: 'cilium.io', version: 'v2', kind: 'CiliumNetworkPolicy', plural: 'ciliumnetworkpolicies' },
] as const;

function standIn({ group, version, kind, plural }: (typeof STAND_INS)[number]): Manifest {
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, plural },
      scope: 'Namespaced',
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

/** The CRDs that a cluster has besides Kubernetes' own kinds. */
export function customResourceDefinitions(): readonly Manifest[] {
  const sources = readdirSync(crdFolder).filter((source) => !source.startsWith(GPU_PROVISIONER));
  const files = sources.flatMap((source) =>
    readdirSync(join(crdFolder, source))
      .filter((file) => file.endsWith('.json'))
      .map((file) => join(crdFolder, source, file)),
  );
  const known = [...files, capacityBufferCrd.path()].map(
    (file) => parse(readFileSync(file, 'utf8')) as Manifest,
  );
  const names = new Set(known.map(({ metadata }) => metadata.name));
  return [...known, ...STAND_INS.map(standIn).filter(({ metadata }) => !names.has(metadata.name))];
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
