/** KAITO v0.12's base image: vLLM 0.25, transformers 5.14. */
export const KAITO_REFERENCE = 'mcr.microsoft.com/aks/kaito/kaito-base:0.5.0';

export const WEIGHTS_FOLDER = '/workspace/weights';
export const CHAT_TEMPLATE_FOLDER = '/workspace/chat_templates';
export const VLLM_FOLDER = '/workspace/vllm';
export const TRANSFORMERS_FOLDER = '/workspace/tfs';
export const CONFIG_FOLDER = '/mnt/config';
export const CONFIG_FILE = 'inference_config.yaml';
/** Where KAITO puts the CUDA 12.9 toolkit that DeepGEMM compiles with. */
export const CUDA_FOLDER = '/opt/kaito/cuda/129';
