import type { KubernetesObject } from '../../../src/gitops/object';
import { nameOf, referencesOf } from './references';

/** A Kustomization, as far as order goes. */
interface KustomizationSpec {
  readonly path: string;
  readonly wait?: boolean;
  readonly dependsOn?: readonly { readonly name: string }[];
}

/**
 * What would go wrong when Flux applies one cluster (kustomize-controller 1.7): a dependency that does not exist, or a circle;
 * an object whose need is in a Kustomization that it does not wait for. Inside one Kustomization Flux applies CRDs and
 * Namespaces first and all else at once, so that pods wait there for what they mount.
 *
 * @param folders objects by the path that a Kustomization names
 */
export function fluxFaults(
  kustomizations: readonly KubernetesObject[],
  folders: ReadonlyMap<string, readonly KubernetesObject[]>,
): readonly string[] {
  const specs = new Map(
    kustomizations.map(
      (object) => [object.metadata.name, object['spec'] as unknown as KustomizationSpec] as const,
    ),
  );
  const faults: string[] = [];
  const before = new Map<string, ReadonlySet<string>>();
  const walk = (name: string, above: readonly string[]): ReadonlySet<string> => {
    if (above.includes(name)) {
      faults.push(`circle: ${[...above, name].join(' -> ')}`);
      return new Set();
    }
    const reached = new Set<string>();
    for (const { name: next } of specs.get(name)?.dependsOn ?? []) {
      const spec = specs.get(next);
      if (spec === undefined) {
        faults.push(`${name} depends on ${next}, which does not exist`);
        continue;
      }
      if (spec.wait !== true)
        faults.push(`${name} depends on ${next}, which does not wait for what it applies`);
      for (const one of [next, ...walk(next, [...above, name])]) reached.add(one);
    }
    return reached;
  };
  for (const name of specs.keys()) before.set(name, walk(name, []));

  const holders = new Map<string, string>();
  for (const [name, { path }] of specs) {
    for (const object of folders.get(path) ?? []) holders.set(nameOf(object), name);
  }
  for (const [name, { path }] of specs) {
    for (const object of folders.get(path) ?? []) {
      for (const reference of referencesOf(object)) {
        const holder = holders.get(reference);
        if (holder === undefined || holder === name || before.get(name)?.has(holder) === true) continue;
        faults.push(`${nameOf(object)} needs ${reference}, and ${name} does not wait for ${holder}`);
      }
    }
  }
  return faults;
}
