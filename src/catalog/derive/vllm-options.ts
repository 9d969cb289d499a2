import type { VllmOptions } from '../model';
import {
  CHAT_TEMPLATE_BY_NAME,
  CUDA_TOOLKIT_NAMES,
  DEEP_GEMM_ARCHITECTURES,
  EXPERT_PARALLEL_NAMES,
  GDN_BACKEND_BY_NAME,
  KV_CACHE_DTYPE_BY_NAME,
  NEVER_REASONING,
  NO_AUTOTUNE_NAMES,
  NO_OFFLOAD_ARCHITECTURES,
  REASONING_BY_ARCHITECTURE,
  REASONING_BY_NAME,
  TOKENIZER_MODE_BY_NAME,
  TOOLS_BY_ARCHITECTURE,
  TOOLS_BY_NAME,
} from './parser-maps';

/** What decides vLLM's options besides the maps. */
export interface OptionFacts {
  readonly name: string;
  readonly architecture: string;
  /** `mistral` where the repository has `consolidated*.safetensors`. */
  readonly loadFormat: VllmOptions['loadFormat'];
  /** The repository brings code of its own. */
  readonly trustRemoteCode: boolean;
}

/** vLLM's options of a model, by KAITO's rules. */
export function vllmOptions({ name, architecture, loadFormat, trustRemoteCode }: OptionFacts): VllmOptions {
  const reasoning = byPrefix(REASONING_BY_NAME, name) ?? REASONING_BY_ARCHITECTURE[architecture] ?? null;
  const deepGemm = DEEP_GEMM_ARCHITECTURES.has(architecture);
  return {
    loadFormat,
    configFormat: loadFormat,
    tokenizerMode: byPrefix(TOKENIZER_MODE_BY_NAME, name) ?? loadFormat,
    toolCallParser: byPrefix(TOOLS_BY_NAME, name) ?? TOOLS_BY_ARCHITECTURE[architecture] ?? null,
    reasoningParser: NEVER_REASONING.has(name) ? null : reasoning,
    chatTemplate: byPrefix(CHAT_TEMPLATE_BY_NAME, name) ?? null,
    kvCacheDtype: byPrefix(KV_CACHE_DTYPE_BY_NAME, name) ?? null,
    trustRemoteCode,
    enableExpertParallel: EXPERT_PARALLEL_NAMES.some((prefix) => name.startsWith(prefix)),
    gdnPrefillBackend: byPrefix(GDN_BACKEND_BY_NAME, name) ?? null,
    deepGemm,
    needsCudaToolkit: deepGemm || CUDA_TOOLKIT_NAMES.has(name),
    flashinferAutotune: !NO_AUTOTUNE_NAMES.some((prefix) => name.startsWith(prefix)),
    hybridKvCache: NO_OFFLOAD_ARCHITECTURES.has(architecture),
  };
}

/** The entry whose key `name` begins with; of several the last by alphabet, which is the longest. */
function byPrefix(map: Readonly<Record<string, string>>, name: string): string | undefined {
  const prefix = Object.keys(map)
    .filter((key) => name.startsWith(key))
    .sort()
    .at(-1);
  return prefix === undefined ? undefined : map[prefix];
}
