/** What vLLM 0.32 does with the architectures that it names (`model_executor/models/registry.py`). */
export type Service = 'generates' | 'pools' | 'transcribes' | 'drafts' | 'removed' | 'unknown';

/** Models that continue a text, those that take images or sound beside it included. */
const GENERATES = words(`
  AXK1ForCausalLM AfmoeForCausalLM ApertusForCausalLM ArceeForCausalLM AriaForConditionalGeneration
  AudioFlamingo3ForConditionalGeneration BagelForConditionalGeneration BailingMoeForCausalLM
  BailingMoeV2ForCausalLM BailingMoeV2_5ForCausalLM BailingMoeV3ForCausalLM
  BailingMoeV3VLForConditionalGeneration BeeForConditionalGeneration Blip2ForConditionalGeneration
  BloomForCausalLM ChatGLMForConditionalGeneration ChatGLMModel Cohere2ForCausalLM Cohere2MoeForCausalLM
  Cohere2VisionForConditionalGeneration CohereCompassForConditionalGeneration CohereForCausalLM
  Cosmos3EdgeForConditionalGeneration Cosmos3ForConditionalGeneration CwmForCausalLM DbrxForCausalLM
  DeciLMForCausalLM DeepseekForCausalLM DeepseekOCR2ForCausalLM DeepseekOCRForCausalLM DeepseekV2ForCausalLM
  DeepseekV32ForCausalLM DeepseekV3ForCausalLM DeepseekV41ForCausalLM DeepseekV4ForCausalLM
  DeepseekV4ForConditionalGeneration DeepseekVLV2ForCausalLM DiffusionGemmaForBlockDiffusion
  Dots3NoteForCausalLM DotsOCRForCausalLM Eagle2_5_VLForConditionalGeneration Emu3ForConditionalGeneration
  Ernie4_5ForCausalLM Ernie4_5_MoeForCausalLM Ernie4_5_VLMoeForConditionalGeneration Exaone4ForCausalLM
  Exaone4_5_ForConditionalGeneration ExaoneForCausalLM ExaoneMoEForCausalLM ExaoneMoeForCausalLM
  FalconForCausalLM FalconH1ForCausalLM FalconMambaForCausalLM FireRedASR2ForConditionalGeneration
  FlexOlmoForCausalLM FunASRForConditionalGeneration FunAudioChatForConditionalGeneration GLM4VForCausalLM
  GPT2LMHeadModel GPTBigCodeForCausalLM GPTJForCausalLM GPTNeoXForCausalLM Gemma2ForCausalLM Gemma3ForCausalLM
  Gemma3ForConditionalGeneration Gemma3nForCausalLM Gemma3nForConditionalGeneration Gemma4ForCausalLM
  Gemma4ForConditionalGeneration Gemma4UnifiedForConditionalGeneration GemmaForCausalLM Glm4ForCausalLM
  Glm4MoeForCausalLM Glm4MoeLiteForCausalLM Glm4vForConditionalGeneration Glm4vMoeForConditionalGeneration
  Glm5NextForCausalLM Glm5NextForConditionalGeneration GlmAsrForConditionalGeneration GlmForCausalLM
  GlmMoeDsaForCausalLM GlmOcrForConditionalGeneration GptOssForCausalLM Granite4VisionForConditionalGeneration
  GraniteForCausalLM GraniteMoeForCausalLM GraniteMoeHybridForCausalLM GraniteMoeSWAForCausalLM
  GraniteMoeSharedForCausalLM GraniteSWAForCausalLM GraniteSpeechForConditionalGeneration
  GraniteSpeechPlusForConditionalGeneration H2OVLChatModel HCXVisionV2ForCausalLM HYV3ForCausalLM
  HYV4ForCausalLM HfMoondream HrmTextForCausalLM HunYuanDenseV1ForCausalLM HunYuanMoEV1ForCausalLM
  HunYuanVLForConditionalGeneration HyperCLOVAXForCausalLM IQuestCoderForCausalLM IQuestLoopCoderForCausalLM
  Idefics3ForConditionalGeneration InklingForCausalLM InklingForConditionalGeneration InternLM2ForCausalLM
  InternLM3ForCausalLM InternS1ForConditionalGeneration InternS1ProForConditionalGeneration
  InternS2MobiusForConditionalGeneration InternS2PreviewForConditionalGeneration InternVLChatModel
  InternVLForConditionalGeneration IsaacForConditionalGeneration Jais2ForCausalLM JambaForCausalLM
  K2HorizonForCausalLM KananaVForConditionalGeneration KeyeForConditionalGeneration
  KeyeVL1_5ForConditionalGeneration KimiK25ForConditionalGeneration KimiK3ForConditionalGeneration
  KimiLinearForCausalLM KimiVLForConditionalGeneration LLaMAForCausalLM LagunaForCausalLM Lfm2ForCausalLM
  Lfm2MoeForCausalLM Lfm2VlForConditionalGeneration LightOnOCRForConditionalGeneration Llama4ForCausalLM
  Llama4ForConditionalGeneration LlamaForCausalLM Llama_Nemotron_Nano_VL LlavaForConditionalGeneration
  LlavaNextForConditionalGeneration LlavaNextVideoForConditionalGeneration
  LlavaOnevision2ForConditionalGeneration LlavaOnevisionForConditionalGeneration LongcatFlashForCausalLM
  LongcatFlashNgramForCausalLM Mamba2ForCausalLM MambaForCausalLM MellumForCausalLM MiDashengLMModel
  MiMoForCausalLM MiMoV2FlashForCausalLM MiMoV2ForCausalLM MiMoV2OmniForCausalLM MiniCPM3ForCausalLM
  MiniCPMForCausalLM MiniCPMO MiniCPMV MiniCPMV4_6ForConditionalGeneration MiniCPMV4_7ForConditionalGeneration
  MiniMaxM2ForCausalLM MiniMaxM3SparseForCausalLM MiniMaxM3SparseForConditionalGeneration Ministral3ForCausalLM
  Mistral3ForConditionalGeneration MistralForCausalLM MistralLarge3ForCausalLM MixtralForCausalLM
  Molmo2ForConditionalGeneration MolmoForCausalLM Moondream3ForCausalLM MoonshotKimiaForCausalLM MossAudioModel
  MossTranscribeDiarizeForConditionalGeneration MuseGlimmerForCausalLM MuseGlimmerForConditionalGeneration
  NVLM_D NanbeigeForCausalLM NemotronForCausalLM NemotronHForCausalLM NemotronHPuzzleForCausalLM
  NemotronH_Nano_Omni_Reasoning_V3 NemotronH_Nano_VL_V2 NemotronH_Omni_Reasoning_V3
  NemotronH_Super_Omni_Reasoning_V3 OPTForCausalLM Olmo2ForCausalLM Olmo3ForCausalLM OlmoForCausalLM
  OlmoHybridForCausalLM OlmoeForCausalLM OpenCUAForConditionalGeneration OpenPanguVLForConditionalGeneration
  OpenVLAForActionPrediction OrionForCausalLM Ovis Ovis2_5 Ovis2_6ForCausalLM Ovis2_6_MoeForCausalLM
  PaddleOCRVLForConditionalGeneration PaliGemmaForConditionalGeneration PanguEmbeddedForCausalLM
  PanguProMoEV2ForCausalLM PanguUltraMoEForCausalLM Param2MoEForCausalLM Phi3ForCausalLM Phi3VForCausalLM
  Phi4ForCausalLMV Phi4MMForCausalLM PhiForCausalLM PhiMoEForCausalLM PixtralForConditionalGeneration
  Plamo3ForCausalLM QianfanOCRForConditionalGeneration Qwen2AudioForConditionalGeneration Qwen2ForCausalLM
  Qwen2MoeForCausalLM Qwen2VLForConditionalGeneration Qwen2_5OmniForConditionalGeneration Qwen2_5OmniModel
  Qwen2_5_VLForConditionalGeneration Qwen3ASRForConditionalGeneration Qwen3ASRRealtimeGeneration
  Qwen3ForCausalLM Qwen3MoeForCausalLM Qwen3NextForCausalLM Qwen3OmniMoeForConditionalGeneration
  Qwen3VLForConditionalGeneration Qwen3VLMoeForConditionalGeneration Qwen3_5ForCausalLM
  Qwen3_5ForConditionalGeneration Qwen3_5MoeForCausalLM Qwen3_5MoeForConditionalGeneration Qwen4ExpForCausalLM
  Qwen4ExpForConditionalGeneration RForConditionalGeneration Rnj1ForCausalLM SarvamMLAForCausalLM
  SarvamMoEForCausalLM SeedOssForCausalLM SkyworkR1VChatModel SmolLM3ForCausalLM SmolVLMForConditionalGeneration
  SolarForCausalLM StableLmForCausalLM Starcoder2ForCausalLM Step1ForCausalLM Step3TextForCausalLM
  Step3VLForConditionalGeneration Step3p5ForCausalLM Step3p7ForConditionalGeneration
  StepVLForConditionalGeneration TeleChat2ForCausalLM TeleChat3ForCausalLM TeleFLMForCausalLM
  TransformersForCausalLM TransformersMoEForCausalLM TransformersMultiModalForCausalLM
  TransformersMultiModalMoEForCausalLM UltravoxModel UnlimitedOCRForCausalLM VaultGemmaForCausalLM
  VibeVoiceAsrForConditionalGeneration VoxtralForConditionalGeneration VoxtralRealtimeGeneration
  Zamba2ForCausalLM
`);

/** Models that give vectors, scores or classes. */
const POOLS = words(`
  BertForMaskedLM BertForSequenceClassification BertForTokenClassification BertModel
  BertSpladeSparseEmbeddingModel BgeM3EmbeddingModel CLIPModel ClefOmniForJointSchema ColBERTJinaRobertaModel
  ColBERTLfm2Model ColBERTModernBertModel ColModernVBertForRetrieval ColPaliForRetrieval ColQwen3 ColQwen3_5
  DeepseekV3BidirectionalModel EmbeddingGemma2Model GPT2ForSequenceClassification Gemma2Model Gemma3TextModel
  GteModel GteNewForSequenceClassification GteNewModel HF_ColBERT InternLM2ForRewardModel
  JambaForSequenceClassification JinaEmbeddingsV5Model JinaForRanking JinaVLForRanking
  LlamaBidirectionalForSequenceClassification LlamaBidirectionalModel LlamaModel
  LlamaNemotronVLForSequenceClassification LlamaNemotronVLModel MistralModel ModernBertForSequenceClassification
  ModernBertForTokenClassification ModernBertModel NomicBertModel OpenAIPrivacyFilterForTokenClassification
  OpsColQwen3Model Qwen2ForProcessRewardModel Qwen2ForRewardModel Qwen2Model
  Qwen3ASRForcedAlignerForTokenClassification Qwen3VLNemotronEmbedModel RobertaForMaskedLM
  RobertaForSequenceClassification RobertaForTokenClassification RobertaModel SiglipModel Terratorch
  TransformersEmbeddingModel TransformersForSequenceClassification TransformersMoEEmbeddingModel
  TransformersMoEForSequenceClassification TransformersMultiModalEmbeddingModel
  TransformersMultiModalForSequenceClassification VoyageQwen3BidirectionalEmbedModel
  XLMRobertaForSequenceClassification XLMRobertaForTokenClassification XLMRobertaModel
`);

/** Encoders with a decoder. */
const TRANSCRIBES = words(`
  CohereAsrForConditionalGeneration NemotronParseForConditionalGeneration WhisperForConditionalGeneration
`);

/** Heads and small models that draft for another. */
const DRAFTS = words(`
  BailingMoeV25MTPModel BailingMoeV3MTPModel DFlash2DraftModel DFlashDraftModel DFlashLagunaForCausalLM
  DFlashMuseGlimmerAssistantModel DSparkDraftModel DSparkV41DraftModel DeepSeekMTPModel DeepSeekV4MTPModel
  DeepseekV32MTPModel Dots3NoteMTPModel Eagle3DeepseekV2ForCausalLM Eagle3DeepseekV3ForCausalLM
  Eagle3LlamaForCausalLM Eagle3MiniMaxM2ForCausalLM Eagle3Qwen2_5vlForCausalLM Eagle3Qwen3ForCausalLM
  Eagle3Qwen3vlForCausalLM EagleCohereForCausalLM EagleDeepSeekMTPModel EagleLlama4ForCausalLM
  EagleLlamaForCausalLM EagleMiniCPMForCausalLM EagleMistralForCausalLM EagleMistralLarge3ForCausalLM
  ErnieMTPModel Exaone4_5_MTP ExaoneMoeMTP ExtractHiddenStatesModel Gemma4DSparkModel Gemma4MTPModel
  Glm4MoeLiteMTPModel Glm4MoeMTPModel Glm5NextMTPModel GlmOcrMTPModel HYV3MTPModel HYV4MTPModel InklingMTPModel
  InternS2MobiusMTP K3DSparkModel KimiK3MTPModel LiLiCorrDraftModel LlamaForCausalLMEagle3 LongCatFlashMTPModel
  MedusaModel MiMoMTPModel MiMoV2MTPModel MiMoV2OmniMTPModel MiniMaxM3MTP MuseGlimmerAssistantModel
  NemotronHMTPModel OpenPanguMTPModel PEagleDraftModel PeagleLlamaForCausalLM PeagleQwen3ForCausalLM
  Qwen3DSparkModel Qwen3NextMTP Qwen3OmniDSparkModel Qwen3_5MTP Qwen3_5MoeMTP Qwen4ExpMTP Step3p5MTP
`);

/** Models that an earlier vLLM served, with the last version that did. */
const REMOVED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '0.9.2': 'Phi3SmallForCausalLM',
    '0.10.2':
      'DonutForConditionalGeneration MllamaForConditionalGeneration MotifForCausalLM Phi4FlashForCausalLM',
    '0.12.0': 'Phi4MultimodalForCausalLM',
    '0.22.0': 'JAISLMHeadModel',
    '0.23.0':
      'BaiChuanForCausalLM BaichuanForCausalLM BambaForCausalLM Dots1ForCausalLM ErnieForSequenceClassification ErnieForTokenClassification ErnieModel InternLM2VEForCausalLM InternLMForCausalLM MiniMaxForCausalLM MiniMaxM1ForCausalLM MiniMaxText01ForCausalLM MiniMaxVL01ForConditionalGeneration QWenLMHeadModel QwenVLForConditionalGeneration Tarsier2ForConditionalGeneration XverseForCausalLM',
    '0.24.0':
      'AquilaForCausalLM AquilaModel AyaVisionForConditionalGeneration Grok1ForCausalLM Grok1ModelForCausalLM MantisForConditionalGeneration MusicFlamingoForConditionalGeneration TarsierForConditionalGeneration',
    '0.25.0': 'FuyuForCausalLM PersimmonForCausalLM TeleChatForCausalLM',
    '0.26.0': 'OuroForCausalLM Plamo2ForCausalLM',
    '0.28.0':
      'ArcticForCausalLM ChameleonForConditionalGeneration Cheers CheersForConditionalGeneration Fairseq2LlamaForCausalLM FireRedLIDForConditionalGeneration GritLM HCXVisionForCausalLM MPTForCausalLM MptForCausalLM PrithviGeoSpatialMAE RWForCausalLM StableLMEpochForCausalLM',
  }).flatMap(([version, names]) => names.split(' ').map((name) => [name, version] as const)),
);

/** What vLLM 0.32 does with an architecture; `unknown` for a name that it has never had. */
export function serviceOf(architecture: string): Service {
  if (GENERATES.has(architecture)) return 'generates';
  if (POOLS.has(architecture)) return 'pools';
  if (TRANSCRIBES.has(architecture)) return 'transcribes';
  if (DRAFTS.has(architecture)) return 'drafts';
  return REMOVED.has(architecture) ? 'removed' : 'unknown';
}

/** The last version of vLLM that served an architecture which 0.32 does not; null for others. */
export function lastVersionOf(architecture: string): string | null {
  return REMOVED.get(architecture) ?? null;
}

/** Every architecture of which vLLM 0.32 continues texts. */
export function generatingArchitectures(): readonly string[] {
  return [...GENERATES];
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
