// Two LoRA adapters, an image and a volume, merged into one model by their strengths; and weights that a Job downloads once
// for every Workspace of the namespace that serves the model.
import { ApiObject } from 'cdk8s';
import { Cluster, Workspace, type Fleet, type WeightsProps } from 'slipway';

/** A class of files, which pods on several nodes mount at once. */
const STORAGE_CLASS = 'azurefile-csi-premium';

export function adapters(fleet: Fleet): void {
  const cluster = new Cluster(fleet, 'research', {
    cloud: 'azure',
    region: 'eastus',
    defaults: { namespace: 'legal' },
  });
  const weights: WeightsProps = { from: 'sharedPvc', storageClassName: STORAGE_CLASS };
  const contracts = new Workspace(cluster, 'contracts', {
    inference: {
      preset: { name: 'phi-3-mini-128k-instruct' },
      contextLength: 32768,
      weights,
      adapters: [
        {
          source: {
            name: 'clauses',
            // A digest: what is reviewed is what runs.
            image:
              'registry.example.com/adapters/clauses@sha256:5f0c1d2e3b4a59687766554433221100ffeeddccbbaa99887766554433221100',
            imagePullSecrets: ['registry'],
          },
          strength: 0.8,
        },
        {
          source: {
            name: 'house-style',
            volumeSource: { persistentVolumeClaim: { claimName: 'house-style', readOnly: true } },
          },
          strength: 0.4,
        },
      ],
    },
  });
  // An object of one's own, beside those of the Workspace: the volume that the second adapter is copied to.
  new ApiObject(contracts, 'house-style', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'house-style', namespace: 'legal' },
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '1Gi' } },
      storageClassName: STORAGE_CLASS,
      volumeMode: 'Filesystem',
    },
  });
  new Workspace(cluster, 'assistant', {
    inference: { preset: { name: 'phi-3-mini-128k-instruct' }, weights },
  });
}
