import fc from 'fast-check';
import type { KubernetesObject } from '../../../src/gitops/object';
import { annotateFor, waveOf as waveOfKind } from '../../../src/gitops/order';
import type { JsonObject } from '../../../src/workload/yaml';
import { argoFaults, argoOrder, fluxFaults, waveOf } from '.';

function object(kind: string, name: string, spec: JsonObject = {}, wave?: number): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      namespace: 'chat',
      ...(wave === undefined ? {} : { annotations: { 'argocd.argoproj.io/sync-wave': String(wave) } }),
    },
    spec,
  };
}
const podWith = (more: JsonObject): JsonObject => ({ template: { spec: { containers: [], ...more } } });
const mounts = (volume: JsonObject): JsonObject => podWith({ volumes: [{ name: 'v', ...volume }] });

describe('the table', () => {
  const kinds = [
    'Namespace',
    'NetworkPolicy',
    'AKSNodeClass',
    'NodePool',
    'ConfigMap',
    'Deployment',
    'HTTPRoute',
    'ScaledObject',
    'PodMonitor',
  ];

  test('puts each kind before those that need it', () => {
    const waves = kinds.map(waveOfKind);
    expect(waves).toEqual([...waves].sort((a, b) => a - b));
    expect(new Set(waves).size).toBe(kinds.length);
  });

  test('is what Argo CD is told, whatever the order in which objects come', () => {
    const objects = kinds.map((kind, index) => annotateFor(object(kind, `object-${index}`), 'argocd'));
    fc.assert(
      fc.property(fc.shuffledSubarray(objects, { minLength: objects.length }), (shuffled) => {
        expect(argoOrder(shuffled).map(({ kind }) => kind)).toEqual(kinds);
      }),
    );
  });

  test('claims stand with those that use them', () => {
    const claim = annotateFor(object('PersistentVolumeClaim', 'weights'), 'argocd');
    for (const kind of ['Deployment', 'StatefulSet', 'Job', 'LeaderWorkerSet']) {
      expect(waveOf(claim)).toBe(waveOf(annotateFor(object(kind, 'user'), 'argocd')));
    }
  });
});

describe('options for Argo CD that an object has itself', () => {
  const optionsBeside = (own: string) => {
    const { metadata } = object('PersistentVolumeClaim', 'weights');
    const annotations = { 'argocd.argoproj.io/sync-options': own };
    const claim = { ...object('PersistentVolumeClaim', 'weights'), metadata: { ...metadata, annotations } };
    return annotateFor(claim, 'argocd').metadata.annotations?.['argocd.argoproj.io/sync-options'];
  };

  test.each([
    ['SkipDryRunOnMissingResource=true', 'Prune=confirm,Delete=false,SkipDryRunOnMissingResource=true'],
    ['Replace=true, Prune=false', 'Prune=false,Delete=false,Replace=true'],
    ['', 'Prune=confirm,Delete=false'],
  ])('%j leaves the protection that it does not name', (own, expected) => {
    expect(optionsBeside(own)).toBe(expected);
  });
});

describe('the simulator of Argo CD', () => {
  test.each([
    ['a ConfigMap', object('ConfigMap', 'c', {}, 1), mounts({ configMap: { name: 'c' } })],
    ['a Secret', object('Secret', 's', {}, 1), mounts({ secret: { secretName: 's' } })],
    [
      'an ExternalSecret',
      object('ExternalSecret', 's', {}, 1),
      podWith({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
    ],
    ['a service account', object('ServiceAccount', 'a', {}, 1), podWith({ serviceAccountName: 'a' })],
  ])('tells of %s that comes after the pod that needs it', (_, needed, spec) => {
    const user = object('Deployment', 'd', spec, 0);
    expect(argoFaults([user, needed])).toEqual([expect.stringContaining('which it needs')]);
    expect(argoFaults([user, object(needed.kind, needed.metadata.name, {}, -1)])).toEqual([]);
  });

  test('tells of a claim in an earlier wave, which would never be bound', () => {
    const claim = object('PersistentVolumeClaim', 'p', {}, -10);
    const user = object('Deployment', 'd', mounts({ persistentVolumeClaim: { claimName: 'p' } }));
    expect(argoFaults([claim, user])).toEqual([expect.stringContaining('is in wave -10')]);
  });

  test('tells of an autoscaler that comes before what it scales', () => {
    const scaler = object('ScaledObject', 's', { scaleTargetRef: { kind: 'Deployment', name: 'd' } }, -1);
    expect(argoFaults([scaler, object('Deployment', 'd')])).toHaveLength(1);
  });

  test('knows that one name in two namespaces is two objects', () => {
    const other = object('ConfigMap', 'c', {}, 5);
    const user = object('Deployment', 'd', mounts({ configMap: { name: 'c' } }));
    expect(argoFaults([user, { ...other, metadata: { ...other.metadata, namespace: 'elsewhere' } }])).toEqual(
      [],
    );
  });
});

describe('the simulator of Flux', () => {
  const kustomization = (name: string, dependsOn: readonly string[], wait = true): KubernetesObject => ({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name },
    spec: { path: `./${name}`, wait, dependsOn: dependsOn.map((one) => ({ name: one })) },
  });
  const folders = new Map<string, readonly KubernetesObject[]>([
    ['./platform', [{ ...object('Namespace', 'chat'), metadata: { name: 'chat' } }]],
    ['./secrets', [object('ExternalSecret', 'token')]],
    ['./chat', [object('Deployment', 'd', mounts({ secret: { secretName: 'token' } }))]],
  ]);
  const platform = kustomization('platform', []);
  const secrets = kustomization('secrets', ['platform']);

  test('is content with a chain of dependencies', () => {
    expect(fluxFaults([platform, secrets, kustomization('chat', ['secrets'])], folders)).toEqual([]);
  });

  test.each([
    [
      'a need that nobody waits for',
      [platform, secrets, kustomization('chat', ['platform'])],
      /needs ExternalSecret chat\/token, and chat does not wait for secrets/,
    ],
    ['a namespace that nobody waits for', [platform, kustomization('chat', [])], /needs Namespace chat/],
    [
      'a dependency that is not there',
      [platform, kustomization('chat', ['platform', 'nodes'])],
      /which does not exist/,
    ],
    [
      'a dependency that does not wait',
      [kustomization('platform', [], false), kustomization('chat', ['platform'])],
      /does not wait for what it applies/,
    ],
    ['a circle', [kustomization('platform', ['chat']), kustomization('chat', ['platform'])], /circle/],
  ])('tells of %s', (_, kustomizations, fault) => {
    expect(fluxFaults(kustomizations, folders).join('\n')).toMatch(fault);
  });
});
