import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import type { ProgramSpec } from '../process/program';
import { kwokStages } from '../tools/assets';
import { expectOk } from './http';

/**
 * Annotation of a pod whose end kwok must not decide. It goes wrong, since nothing in a bench really runs: `image-pull`
 * (its image never arrives) or `failure` (its containers end with status 1); or its program is run by the bench:
 * `program`.
 */
export const SIMULATE = 'slipway.dev/e2e-simulate';

interface Stage {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly selector: { readonly matchExpressions: unknown[] } };
}

/** kwok: the kubelet of every node. */
export function kwok(command: string, kubeconfig: string, folder: string, port: number): ProgramSpec {
  const config = join(folder, 'kwok.yaml');
  writeFileSync(config, stages());
  const address = `127.0.0.1:${port}`;
  return {
    name: 'kwok',
    command,
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--config=${config}`,
      '--manage-all-nodes=true',
      '--node-lease-duration-seconds=40',
      `--server-address=${address}`,
    ],
    ready: () => expectOk(`http://${address}/healthz`),
  };
}

/** kwok's own stages, with ours for the pods that must go wrong. */
function stages(): string {
  const documents = parseAllDocuments(readFileSync(kwokStages.path(), 'utf8')).map(
    (document): Stage => document.toJS() as Stage,
  );
  for (const [name, outcomes] of [
    ['pod-ready', ['image-pull']],
    ['pod-complete', ['failure', 'program']],
  ] as const) {
    const stage = documents.find((document) => document.metadata.name === name);
    if (stage === undefined) throw new Error(`kwok has no stage ${name}`);
    stage.spec.selector.matchExpressions.push({
      key: `.metadata.annotations["${SIMULATE}"]`,
      operator: 'NotIn',
      values: outcomes,
    });
  }
  return [...documents, imagePullStage, failureStage].map((stage) => stringify(stage)).join('---\n');
}

const imagePullStage = {
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name: 'pod-image-pull' },
  spec: {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: {
      matchExpressions: [
        { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
        { key: `.metadata.annotations["${SIMULATE}"]`, operator: 'In', values: ['image-pull'] },
        { key: '.status.phase', operator: 'In', values: ['Pending'] },
        { key: '.status.containerStatuses.[].state.waiting.reason', operator: 'DoesNotExist' },
      ],
    },
    next: {
      statusTemplate: `
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 0
  started: false
  state:
    waiting:
      reason: ImagePullBackOff
      message: {{ printf "Back-off pulling image %q" .image | Quote }}
{{ end }}
phase: Pending
`,
    },
  },
};

const failureStage = {
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name: 'pod-failure' },
  spec: {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: {
      matchExpressions: [
        { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
        { key: `.metadata.annotations["${SIMULATE}"]`, operator: 'In', values: ['failure'] },
        { key: '.status.phase', operator: 'In', values: ['Running'] },
      ],
    },
    next: {
      statusTemplate: `
{{ $now := Now }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 0
  started: false
  state:
    terminated:
      exitCode: 1
      reason: Error
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
phase: Failed
`,
    },
  },
};
