import { lastVersionOf, serviceOf } from './architectures';

/** Why no preset can be made for an architecture, and what to do instead. */
export interface Refusal {
  /** Lower case, no full stop. */
  readonly reason: string;
  readonly next: string;
}

const OWN_SERVER =
  'serve it with a pod of your own (inference.template), whose machine type and node count you choose';

/** Caches of vLLM 0.32's classes that the geometry of a preset has no words for. */
const UNDESCRIBED: readonly (readonly [RegExp, string])[] = [
  [/^DeciLMForCausalLM$/, 'its layers have different numbers of heads of keys and values'],
  [/^IQuestLoopCoder/, 'its layers run more than once'],
  [/^Inkling/, 'every layer keeps a window of convolution inputs beside its attention cache'],
  [/^MiniMaxM3Sparse/, 'its indexer keeps keys beside plain keys and values'],
  [/^Qwen4Exp/, 'an embedding of its own keeps a second kind of state'],
  [/^DeepseekV41/, 'only some of its layers keep a compressed history, and the others read it'],
  [/^Dots3Note/, 'its latent rows are wider than the rank and the position that config.json gives'],
  [
    /^HYV4/,
    'which of its layers have an indexer, its configuration does not say in the terms of DeepSeek-V3.2',
  ],
];

/** Why vLLM 0.32 cannot serve an architecture, or no preset can say how; null where one can. */
export function refusalOf(architecture: string): Refusal | null {
  switch (serviceOf(architecture)) {
    case 'pools':
      return {
        reason: `${architecture} gives vectors, scores or classes and writes no text, and presets describe models that write`,
        next: OWN_SERVER,
      };
    case 'transcribes':
      return {
        reason: `${architecture} has an encoder beside its decoder, and presets describe decoders only`,
        next: OWN_SERVER,
      };
    case 'drafts':
      return {
        reason: `${architecture} drafts for another model and is not served on its own`,
        next: 'make a preset of the model that it drafts for, and name this one in speculative-config of its inference.config',
      };
    case 'removed':
      return {
        reason: `vLLM 0.32 does not serve ${architecture}; the last version that did is ${lastVersionOf(architecture) ?? 'older'}`,
        next: OWN_SERVER,
      };
    default: {
      const found = UNDESCRIBED.find(([names]) => names.test(architecture));
      if (found === undefined) return null;
      return { reason: `no preset can describe the cache of ${architecture}: ${found[1]}`, next: OWN_SERVER };
    }
  }
}
