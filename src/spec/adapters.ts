import type { Volume } from 'kubernetes-types/core/v1';

/** The data to train on, in KAITO's words: exactly one of urls, image and volumeSource. */
export type DataSourceProps = DataSourceFields &
  (
    | { readonly urls: readonly string[]; readonly image?: never; readonly volumeSource?: never }
    | { readonly urls?: never; readonly image: string; readonly volumeSource?: never }
    | { readonly urls?: never; readonly image?: never; readonly volumeSource: Omit<Volume, 'name'> }
  );

/** The fields of a data source, each for itself. */
export interface DataSourceFields {
  /** Name of the data: of an adapter its model id, and required there. @default none */
  readonly name?: string;
  /** Files that are downloaded, http or https; for tuning input only. @default none */
  readonly urls?: readonly string[];
  /** A volume that holds the data, such as `{ persistentVolumeClaim: { claimName: 'data' } }`. @default none */
  readonly volumeSource?: Omit<Volume, 'name'>;
  /** An image that holds the data in its folder `/data`. @default none */
  readonly image?: string;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson` for the image. @default none */
  readonly imagePullSecrets?: readonly string[];
}

/** Where an adapter comes from: exactly one of image, volumeSource and tuning. */
export type AdapterSourceProps = AdapterSourceFields & { readonly name: string } & (
    | { readonly image: string; readonly volumeSource?: never; readonly tuning?: never }
    | { readonly image?: never; readonly volumeSource: Omit<Volume, 'name'>; readonly tuning?: never }
    | { readonly image?: never; readonly volumeSource?: never; readonly tuning: string | TunedWorkspace }
  );

/** The fields of an adapter's source, each for itself. */
export interface AdapterSourceFields extends DataSourceFields {
  /**
   * A tuning Workspace of the same cluster whose output is the adapter: its name, `<namespace>/<name>` where that is
   * another namespace, or the Workspace itself. @default none
   */
  readonly tuning?: string | TunedWorkspace;
}

/** A Workspace of the same program; `spec` is null when it has errors. */
export interface TunedWorkspace {
  /** Its place in the construct tree. */
  readonly node: {
    /** Its id there. */
    readonly id: string;
  };
  /** What was read of it. */
  readonly spec: {
    /** Its name. */
    readonly name: string;
    /** Namespace of its objects. */
    readonly namespace: string;
  } | null;
}

/** A LoRA adapter. */
export interface AdapterProps {
  /** Where it comes from. */
  readonly source: AdapterSourceProps;
  /** Weight with which it is merged into the model, 0..1, as KAITO's string or a number. @default not merged: served under its own model id */
  readonly strength?: string | number;
  /**
   * Its rank (`r` in `adapter_config.json`): memory is reserved for it. What a tuning Workspace makes has its own.
   * @default 16, as vLLM assumes: images kaito and vllm refuse a larger adapter when they start, and slipway takes its memory
   * from the KV cache
   */
  readonly rank?: number;
}
