import type { Problem } from '../../../spec/problem';
import type { Decision } from '../../decision';
import { imageVolumes } from '../../image-volume';
import { weightsField, weightsOf, weightsReference } from '../../weights';

/** Weights from a registry: whether there are any, stay the same, and can be mounted. */
export function checkImage(decision: Decision): Problem[] {
  const weights = weightsOf(decision);
  if (weights.from === 'image') return [...checkReference(decision), ...checkMount(decision)];
  if (weights.from === 'sharedPvc') return checkPinned(decision);
  return [];
}

function checkReference(decision: Decision): Problem[] {
  const { workspace, model } = decision;
  if (weightsReference(decision) !== null) return checkPinned(decision);
  const field = `${weightsField(workspace)}.reference`;
  const revision = model.revision === null ? '' : ` --revision ${model.revision}`;
  const tag = model.revision?.slice(0, 12) ?? '1';
  return [
    {
      severity: 'error',
      code: 'no-weights-image',
      ...workspace.at(field),
      message: `the catalogue knows no public image with the weights of ${model.name} (licence ${model.license}${model.gated === 'yes' ? ', access on request' : ''})`,
      allowed: 'a reference of your own, or a model of "slipway catalog models --weights-image"',
      next: `push them to a registry of yours and name it here: "hf download ${model.huggingFaceId}${revision} --local-dir weights", then in that folder "oras push <registry>/${model.name}:${tag} *"; or write weights: {from: download}`,
    },
  ];
}

/** A tag can be moved: the pods of one Workspace could then serve different weights. */
function checkPinned(decision: Decision): Problem[] {
  const { workspace } = decision;
  const weights = weightsOf(decision);
  const reference = 'reference' in weights ? weights.reference : undefined;
  if (reference === undefined || reference.includes('@')) return [];
  const field = `${weightsField(workspace)}.reference`;
  return [
    {
      severity: 'warning',
      code: 'weights-not-pinned',
      ...workspace.at(field),
      message: `${reference} has no digest: whoever moves the tag changes what new pods serve`,
      allowed: 'name@sha256:...',
      next: `write the digest that "oras resolve ${reference}" prints`,
    },
  ];
}

function checkMount({ workspace, cluster }: Decision): Problem[] {
  const weights = weightsOf({ workspace });
  if (weights.from !== 'image' || weights.mount !== 'volume') return [];
  const support = imageVolumes(cluster);
  if (support === 'default') return [];
  const field = `${weightsField(workspace)}.mount`;
  return [
    {
      severity: support === 'gated' ? 'warning' : 'error',
      code: support === 'gated' ? 'needs-feature-gate' : 'kubernetes-too-old',
      ...workspace.at(field),
      message:
        support === 'gated'
          ? `Kubernetes ${cluster.kubernetesVersion} mounts images only with the feature gate ImageVolume, on API server and kubelets`
          : `Kubernetes ${cluster.kubernetesVersion} cannot mount a folder of an image`,
      allowed: 'Kubernetes 1.35, or 1.33 with the feature gate',
      next:
        support === 'gated'
          ? 'see that the gate is on, or write mount: step'
          : 'write mount: step, or upgrade the cluster',
    },
  ];
}
