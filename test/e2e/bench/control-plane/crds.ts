import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Cluster } from '../cluster/cluster';
import { conditionOf, type Manifest } from '../cluster/manifest';
import { eventually } from '../process/eventually';
import { capacityBufferCrd } from '../tools/assets';
import type { Engine } from '../tree/rendered-tree';

const crdFolder = join(__dirname, '..', '..', '..', '..', 'imports', 'crds');
/**
 * Sources of CRDs that a bench has no use for: KAITO's kinds are read and never rendered, and gpu-provisioner's NodeClaim has the
 * name of Karpenter's. What the API server serves costs it and each of its clients time at their start.
 */
const UNUSED = /^(kaito|gpu-provisioner-with-kaito)-/;
/** By far the largest CRD, of a kind that is not rendered. */
const APPLICATION_SETS = 'applicationsets.argoproj.io.json';
/** Sources that one engine has alone. */
const ENGINE_SOURCES: Readonly<Record<Engine, RegExp>> = { argocd: /^argo-cd-/, flux: /^flux-/ };
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

/** The CRDs that a cluster with these engines has besides Kubernetes' own kinds. */
export function customResourceDefinitions(engines: readonly Engine[]): readonly Manifest[] {
  const absent = (Object.keys(ENGINE_SOURCES) as Engine[]).filter((engine) => !engines.includes(engine));
  const sources = readdirSync(crdFolder).filter(
    (source) => !UNUSED.test(source) && !absent.some((engine) => ENGINE_SOURCES[engine].test(source)),
  );
  const files = sources.flatMap((source) =>
    readdirSync(join(crdFolder, source))
      .filter((file) => file.endsWith('.json') && file !== APPLICATION_SETS)
      .map((file) => join(crdFolder, source, file)),
  );
  const known = [
    ...files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Manifest),
    parse(readFileSync(capacityBufferCrd.path(), 'utf8')) as Manifest,
  ];
  const names = new Set(known.map(({ metadata }) => metadata.name));
  return [...known, ...STAND_INS.map(standIn).filter(({ metadata }) => !names.has(metadata.name))];
}

/** Install all CRDs and wait until the API server serves them. */
export async function installCrds(cluster: Cluster, engines: readonly Engine[]): Promise<void> {
  const crds = customResourceDefinitions(engines);
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
