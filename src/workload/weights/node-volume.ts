import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1';
import type { Construct } from 'constructs';
import type { Model } from '../../catalog/model';
import type { WorkspaceSpec } from '../../spec/normal';
import type { NodeWeights } from '../../spec/weights';
import type { Decision } from '../decision';
import { labelsOf, objectMetadata } from '../metadata';
import { nodeGroupName } from '../names';
import { addObject } from '../object';
import { binaryQuantity } from '../quantity';
import type { PodScheduling } from '../scheduling';
import { hubBytes } from './bytes';

/** KAITO v0.12's folder for weights on nodes (annotation `kaito.sh/use-local-weights`). */
const KAITO_FOLDER = '/opt/kaito/models';

/** Name of the claim that stands for the nodes' folder. */
export function nodeClaimName({ name }: Pick<WorkspaceSpec, 'name'>): string {
  return `${name}-weights`;
}

/** The folder on each node. */
export function nodeFolder({ path }: NodeWeights, { huggingFaceId }: Pick<Model, 'huggingFaceId'>): string {
  return path ?? `${KAITO_FOLDER}/${huggingFaceId.toLowerCase().replaceAll('/', '-')}`;
}

/**
 * Make a local PersistentVolume of the nodes' folder and the claim that pods mount. A pod that mounted the folder itself
 * (hostPath) would break every Pod Security Standard but `privileged`; a volume is made by whoever may make volumes,
 * stands in the platform's folder for review, and names one path. It is on every node that the pods can be on, so that all
 * of them mount the one claim. The class is the volume's own name: no other claim takes it.
 */
export function addNodeVolume(
  scope: Construct,
  decision: Decision,
  weights: NodeWeights,
  { nodeSelector }: PodScheduling,
): void {
  const { workspace, model } = decision;
  const name = `${nodeGroupName(workspace.namespace, workspace.name)}-weights`;
  const storage = binaryQuantity(hubBytes(model));
  const matchExpressions = Object.entries(nodeSelector)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, operator: 'In', values: [value] }));
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels: labelsOf(decision) },
    spec: {
      accessModes: ['ReadOnlyMany'],
      capacity: { storage },
      local: { path: nodeFolder(weights, model) },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: name,
      volumeMode: 'Filesystem',
    },
  } satisfies PersistentVolume;
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: objectMetadata(decision, nodeClaimName(workspace)),
    spec: {
      accessModes: ['ReadOnlyMany'],
      resources: { requests: { storage } },
      storageClassName: name,
      volumeMode: 'Filesystem',
      volumeName: name,
    },
  } satisfies PersistentVolumeClaim;
  addObject(scope, volume);
  addObject(scope, claim);
}
