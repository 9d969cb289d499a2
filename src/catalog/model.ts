import type { Runtime } from '../spec/workspace';

/** Where a figure comes from and how sure it is. */
export interface Provenance {
  readonly source: string;
  readonly confidence: 'measured' | 'derived' | 'estimated' | 'published';
}

/** An entry of the catalogue: one file in `presets/models/`. `status` tells what can be served. */
export type CatalogModel = Model | RetiredModel;

/** A name that KAITO once accepted and that cannot be served any more: known, so that the answer can say so. */
export interface RetiredModel {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly status: 'retired';
  readonly huggingFaceId: string;
  /** Why, as a sentence part: lower case, no full stop. */
  readonly reason: string;
  /** Name of the current model nearest to it; null where none is near. */
  readonly replacement: string | null;
}

/** A model that can be served. Facts only; nothing here is computed. */
export interface Model {
  /** Served name: lower case, DNS label characters and dots. */
  readonly name: string;
  /** Other names it is found by, besides `huggingFaceId`. */
  readonly aliases: readonly string[];
  readonly status: 'current';
  /** Hugging Face id in its canonical case. */
  readonly huggingFaceId: string;
  /** Commit of the repository; null where not pinned. */
  readonly revision: string | null;
  readonly license: string;
  readonly gated: 'yes' | 'no' | 'unknown';
  /** Public OCI artifact with the weights of `revision`, where the licence lets somebody publish one and somebody does. @default none */
  readonly weightsImage?: string;
  readonly architecture: string;
  /** What the engine loads, all ranks together, in bytes (quantised size; no second copies, no draft layers). */
  readonly weightBytes: number;
  /** What the download brings, in bytes: at least `weightBytes`, unless the engine loads a tensor twice. */
  readonly downloadBytes: number;
  /** KAITO v0.12's figure for the same, in bytes, for its estimator. Null for models that KAITO does not know. */
  readonly kaitoWeightBytes: number | null;
  /** KAITO v0.12's KV bytes per token (every layer counted). Null for models that KAITO does not know. */
  readonly kaitoBytesPerToken: number | null;
  /** The model's own limit, in tokens. */
  readonly maxContext: number;
  /** Quantisation method of the checkpoint, such as `fp8`, `awq`; null for none. */
  readonly quantization: string | null;
  /** Bytes per element of activations and, by default, of the KV cache. bfloat16: 2. */
  readonly dtype: 'bfloat16' | 'float16' | 'float32';
  readonly geometry: Geometry;
  readonly runtimes: readonly Runtime[];
  readonly vllm: VllmOptions;
  /** Disk for the weights and the image cache, in bytes (KAITO's figure where there is one). */
  readonly diskBytes: number;
  readonly tuning: {
    readonly supported: boolean;
    readonly targetModules?: readonly string[];
    readonly diskBytes?: number;
  };
  /** Where each figure comes from, by field name. */
  readonly provenance: Readonly<Record<string, Provenance>>;
}

/** Options of vLLM that belong to the model. */
export interface VllmOptions {
  readonly loadFormat: 'auto' | 'mistral';
  readonly configFormat: 'auto' | 'mistral';
  readonly tokenizerMode: string;
  readonly toolCallParser: string | null;
  readonly reasoningParser: string | null;
  /** File name in the image's folder of chat templates; null: the checkpoint's own template. */
  readonly chatTemplate: string | null;
  readonly kvCacheDtype: string | null;
  readonly trustRemoteCode: boolean;
  readonly enableExpertParallel: boolean;
  readonly gdnPrefillBackend: string | null;
  readonly deepGemm: boolean;
  readonly needsCudaToolkit: boolean;
  readonly flashinferAutotune: boolean;
  /** KAITO turns its CPU KV offload off for this architecture. */
  readonly hybridKvCache: boolean;
}

/** The shape of the network, as far as memory depends on it. */
export interface Geometry {
  readonly hiddenSize: number;
  readonly intermediateSize: number | null;
  /** 0 in networks without attention. */
  readonly attentionHeads: number;
  readonly vocabSize: number;
  readonly tieWordEmbeddings: boolean;
  /** All decoder layers in their order, as runs: `[{ repeat: 8, layers: [{kind: 'sliding', count: 5}, {kind: 'full', count: 1}] }]`. */
  readonly layers: readonly LayerBlock[];
  /** What the layers of each kind are; a kind that `layers` names is here. */
  readonly full?: AttentionLayer;
  readonly sliding?: AttentionLayer & { readonly window: number };
  readonly chunked?: AttentionLayer & { readonly chunk: number };
  readonly mla?: MlaLayer;
  readonly linear?: LinearLayer;
  /** DeepSeek-V4's compressed attention. */
  readonly compressed?: CompressedAttention;
  /** Trailing attention layers that reuse another layer's cache. */
  readonly kvSharedLayers: number;
  readonly moe: MixtureOfExperts | null;
  readonly vision: VisionTower | null;
  /** Embeddings that every layer adds (Gemma 3n, Gemma 4 E-models): a second table of `vocabSize` rows. */
  readonly perLayerEmbedding?: { readonly vocabSize: number; readonly size: number };
  /** Draft (multi-token prediction) layers in the checkpoint; loaded for speculative decoding only. */
  readonly mtpLayers: number;
}

/** The expert part of the layers. */
export interface MixtureOfExperts {
  readonly experts: number;
  readonly topK: number;
  /** Width of one routed expert. */
  readonly intermediateSize: number;
  /** Shared experts, which every token takes. */
  readonly sharedExperts: number;
  /** Width of all shared experts together. @default `sharedExperts` x `intermediateSize` */
  readonly sharedIntermediateSize?: number;
  /** Leading layers with a dense MLP of `Geometry.intermediateSize` instead of experts. @default 0 */
  readonly denseLayers?: number;
  /** Every layer has the dense MLP beside its experts (Gemma 4). @default false */
  readonly besideDense?: boolean;
  /** Routed experts work in a space of this many dimensions instead of the hidden one (Nemotron 3). @default `hiddenSize` */
  readonly latentSize?: number;
}

/** The image encoder. A model without an encoder of its own (patches are projected) has 0 layers. */
export interface VisionTower {
  readonly layers: number;
  readonly hiddenSize: number;
  readonly intermediateSize?: number;
  /** Side of a patch in pixels. */
  readonly patchSize?: number;
  /** Tokens of the largest image that the processor makes; left out where a batch always holds it. */
  readonly maxImageTokens?: number;
}

/**
 * `mlp` layers (MLP or expert blocks that stand alone) hold no cache. `parallel` layers hold full attention and a state
 * side by side (Falcon-H1, Zamba2). DeepSeek-V4: `csa` and `hca` keep a compressed history and the uncompressed window,
 * `window` keeps the window only.
 */
export type LayerKind =
  'full' | 'sliding' | 'chunked' | 'mla' | 'linear' | 'parallel' | 'mlp' | 'csa' | 'hca' | 'window';

/** A run of layers, repeated. */
export interface LayerBlock {
  readonly repeat: number;
  readonly layers: readonly { readonly kind: LayerKind; readonly count: number }[];
}

/** Attention with separate keys and values. */
export interface AttentionLayer {
  readonly kvHeads: number;
  readonly headDim: number;
  /** @default `headDim` */
  readonly valueHeadDim?: number;
}

/** Multi-head latent attention: one latent vector per token, not divided by tensor parallelism. */
export interface MlaLayer {
  readonly kvLoraRank: number;
  readonly qkRopeHeadDim: number;
  /** Part of a query and key head without position. It sizes weights, not the cache. */
  readonly qkNopeHeadDim: number;
  readonly vHeadDim: number;
  /** Rank of the query projection; null where queries are projected directly. */
  readonly qLoraRank: number | null;
  readonly indexer?: SparseIndexer;
}

/** Sparse attention's indexer: a second, small key cache. */
export interface SparseIndexer {
  readonly heads: number;
  readonly headDim: number;
  /** Entries that a query attends to. */
  readonly topK: number;
  /** How many layers have it. */
  readonly layers: number;
  /** Layer i (from 0) has one where max(i - `offset` + 1, 0) is a multiple of it. @default 1 (every layer) */
  readonly frequency?: number;
  /** Matters with `frequency` above 1 only. @default 2, as in vLLM 0.32 */
  readonly offset?: number;
  /** One letter a layer in place of `frequency`: `S` shares an earlier layer's choice, any other has an indexer. */
  readonly pattern?: string;
}

/**
 * State-space, convolution and linear attention layers: a state of fixed size for each sequence. `ShortConv` (LFM2) keeps
 * the tail of its convolution only, `Lightning` (Ling 2.5) a matrix for each head and no tail.
 */
export interface LinearLayer {
  readonly type: 'Mamba1' | 'Mamba2' | 'GatedDeltaNet' | 'KDA' | 'ShortConv' | 'Lightning';
  /** Width of the convolution; 1 where there is none. */
  readonly convKernel: number;
  /** Bytes per element of the recurrent state. */
  readonly stateDtype: 'float32' | 'bfloat16' | 'float16';
  /** Mamba1: channels and state size. ShortConv: channels. */
  readonly channels?: number;
  /** Mamba2: heads, head dimension, state size, groups. KDA and Lightning: heads and head dimension. */
  readonly heads?: number;
  readonly headDim?: number;
  readonly stateSize?: number;
  readonly groups?: number;
  /** GatedDeltaNet: key and value heads and dimensions. */
  readonly keyHeads?: number;
  readonly keyHeadDim?: number;
  readonly valueHeads?: number;
  readonly valueHeadDim?: number;
  /** Prefill keeps one more state block for a checkpoint (vLLM 0.32: Mamba2 and Kimi-K3). @default true for Mamba2 */
  readonly prefillCheckpoint?: boolean;
}

/** DeepSeek-V4: a compressed history of one shared key-value vector, and an uncompressed window on every layer. */
export interface CompressedAttention {
  readonly latentDim: number;
  readonly window: number;
  /** Tokens per stored entry of `csa` and `hca` layers. */
  readonly csaRatio: number;
  readonly hcaRatio: number;
  /** The indexer of the `csa` layers: `headDim` per entry. */
  readonly indexerHeadDim: number;
  readonly indexerHeads: number;
  readonly qLoraRank: number;
  readonly oLoraRank: number;
  readonly oGroups: number;
  /** Part of `latentDim` that carries the position. */
  readonly qkRopeHeadDim: number;
  /** Bytes per stored entry with the fp8 layout. */
  readonly bytesPerEntry: number;
}
