/** Where the weights of a model come from, and where they are kept. */
export type WeightsProps = DownloadedWeights | ImageWeights | ClaimWeights | SharedWeights | NodeWeights;

/** The pod's own volume for weights: on the node's disk, or on its local NVMe. */
export type WeightsVolume = 'emptyDir' | 'nvme';

/** Downloaded from the Hugging Face hub at every start of a pod. */
export interface DownloadedWeights {
  /** Downloaded. */
  readonly from: 'download';
  /** The pod's volume that they go to. @default `emptyDir` */
  readonly volume?: WeightsVolume;
}

/** Pulled from a registry: an OCI artifact, or a folder of a container image. */
export interface ImageWeights {
  /** Pulled. */
  readonly from: 'image';
  /**
   * Full reference; a digest (`name@sha256:...`) is the only one that stays.
   * @default the public artifact that the catalogue knows for the model (`slipway catalog models --weights-image`); most have none
   */
  readonly reference?: string;
  /**
   * `artifact`: named files, as `oras push` and the CNCF ModelPack tools write them; `image`: a folder of a container
   * image. @default `artifact`
   */
  readonly format?: 'artifact' | 'image';
  /** Folder inside it with the model's `config.json`. @default the root of an artifact; `models` of an image, as KServe's modelcars have it */
  readonly path?: string;
  /**
   * `step`: an init step of the runtime image pulls it; `volume`: the kubelet mounts it, which is for images alone.
   * @default `volume` for images where the cluster mounts them without a feature gate (Kubernetes 1.35), else `step`
   */
  readonly mount?: 'step' | 'volume';
  /** The pod's volume that the step fills. @default `emptyDir` */
  readonly volume?: WeightsVolume;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`. @default none */
  readonly imagePullSecrets?: readonly string[];
}

/** On a PersistentVolumeClaim that is there already and holds the model. It is mounted read-only. */
export interface ClaimWeights {
  /** Mounted. */
  readonly from: 'pvc';
  /** Name of the PersistentVolumeClaim, in the Workspace's namespace. */
  readonly claimName: string;
  /** Folder on the volume with the model's `config.json`. @default its root */
  readonly path?: string;
}

/**
 * On a claim that is made for them, filled once by a Job, and read by every Workspace of the same cluster and namespace
 * that asks for the same model on the same class.
 */
export interface SharedWeights {
  /** Downloaded once for several Workspaces. */
  readonly from: 'sharedPvc';
  /** A class whose volumes pods on several nodes mount at once (ReadWriteMany), such as `azurefile-csi-premium` or `efs-sc`. */
  readonly storageClassName: string;
  /** Size of the volume, in GiB; of several Workspaces, the largest. @default what the download needs */
  readonly sizeGiB?: number;
  /** OCI artifact that the Job fills the volume with. @default the model on the Hugging Face hub */
  readonly reference?: string;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson` for `reference`. @default none */
  readonly imagePullSecrets?: readonly string[];
}

/** In a folder that each node has: baked into its image, or put there by whoever made the nodes. */
export interface NodeWeights {
  /** There before the pods. */
  readonly from: 'node';
  /** Absolute folder on the node with the model's `config.json`. @default KAITO's: `/opt/kaito/models/<hub id in lower case, / as ->` */
  readonly path?: string;
}
