/** Where the Secrets that pods refer to come from, where they are not there already. Slipway never holds a value. */
export interface SecretsProps {
  /** Secrets that the External Secrets Operator copies from a store outside the cluster. @default none */
  readonly external?: readonly ExternalSecretProps[];
  /** Secrets that are in Git, encrypted with SOPS. @default none */
  readonly sops?: SopsProps;
}

/** A Secret that the External Secrets Operator makes and keeps up to date. */
export interface ExternalSecretProps {
  /** Name of the Secret, such as `hf-token`. */
  readonly name: string;
  /** Its namespace. @default `defaults.namespace` of the Cluster */
  readonly namespace?: string;
  /** The (Cluster)SecretStore to read from; it is the platform team's. */
  readonly store: {
    /** Its name. */
    readonly name: string;
    /** Whether it belongs to the cluster or to the namespace. @default `ClusterSecretStore` */
    readonly kind?: 'ClusterSecretStore' | 'SecretStore';
  };
  /** Each key of the Secret, such as `HF_TOKEN`, and where its value is in the store. */
  readonly keys: Readonly<Record<string, ExternalSecretKey>>;
  /** Type of the Secret, such as `kubernetes.io/dockerconfigjson` for one that images are pulled with. @default `Opaque` */
  readonly type?: string;
  /** How often the store is asked again, in seconds; 0: once. @default 3600 */
  readonly refreshIntervalSeconds?: number;
}

/** Where a value is in the store. */
export interface ExternalSecretKey {
  /** Name of the value in the store. */
  readonly key: string;
  /** Member of a value that is JSON. @default the whole value */
  readonly property?: string;
  /** Version of the value. @default the newest */
  readonly version?: string;
}

/** Encrypted Secrets, copied into the rendered tree byte for byte. */
export interface SopsProps {
  /** Folder with one Secret in each `.yaml` file, relative to the working directory. */
  readonly folder: string;
  /** Flux: the Secret in `flux-system` with the private key. @default `sops-keys` */
  readonly keySecret?: string;
  /** Argo CD: the config management plugin that decrypts; Argo CD itself cannot. Required with Argo CD. @default none */
  readonly argocdPlugin?: string;
}
