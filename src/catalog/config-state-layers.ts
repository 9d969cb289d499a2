import { numberField, record, textField, type ModelConfig } from './config-fields';
import type { LinearLayer } from './model';

type StateDtype = LinearLayer['stateDtype'];

/**
 * The state-space or linear attention layers of a configuration. State types as vLLM 0.32 resolves `auto`
 * (mamba_utils.py, models/config.py): Nemotron-H and KDA keep float32, the others what the configuration names, else
 * the model's own type.
 */
export function stateLayers(config: ModelConfig, modelDtype: StateDtype): LinearLayer | { problem: string } {
  const modelType = textField(config, 'model_type') ?? '';
  const stateDtype =
    dtypeNamed(config, 'mamba_ssm_dtype', 'mamba_ssm_cache_dtype') ??
    (modelType.startsWith('nemotron_h') || textField(config, 'hybrid_override_pattern')
      ? 'float32'
      : modelDtype);
  return (
    gatedDeltaNet(config, stateDtype) ??
    kimiDeltaAttention(config, modelType) ??
    lightning(config, modelType, stateDtype) ??
    shortConvolution(config, stateDtype) ??
    mamba2(config, stateDtype) ??
    mamba1(config, stateDtype) ?? {
      problem:
        'the layers that keep a state have none of the known shapes (Mamba, Mamba2, GatedDeltaNet, KDA, Lightning, short convolution)',
    }
  );
}

function gatedDeltaNet(config: ModelConfig, stateDtype: StateDtype): LinearLayer | undefined {
  const keyHeads = numberField(config, 'linear_num_key_heads');
  const valueHeads = numberField(config, 'linear_num_value_heads');
  if (keyHeads === undefined || valueHeads === undefined) return undefined;
  return {
    type: 'GatedDeltaNet',
    convKernel: numberField(config, 'linear_conv_kernel_dim') ?? 4,
    stateDtype,
    keyHeads,
    keyHeadDim: numberField(config, 'linear_key_head_dim') ?? 128,
    valueHeads,
    valueHeadDim: numberField(config, 'linear_value_head_dim') ?? 128,
  };
}

function isLing3(modelType: string): boolean {
  return modelType.startsWith('bailing_moe_v3');
}

function kimiDeltaAttention(config: ModelConfig, modelType: string): LinearLayer | undefined {
  const fields = record(config['linear_attn_config']);
  // Ling 3 and GLM-5-Next have them outside of a section.
  const heads = fields
    ? numberField(fields, 'num_heads')
    : numberField(config, 'linear_num_heads', ...(isLing3(modelType) ? ['num_attention_heads'] : []));
  const headDim = fields
    ? numberField(fields, 'head_dim')
    : numberField(config, 'linear_head_dim', ...(isLing3(modelType) ? ['head_dim'] : []));
  if (!heads || !headDim) return undefined;
  const bounded =
    modelType.startsWith('kimi_k3') || numberField(fields ?? {}, 'gate_lower_bound') !== undefined;
  return {
    type: 'KDA',
    convKernel: numberField(fields ?? config, 'short_conv_kernel_size', 'linear_conv_kernel_dim') ?? 4,
    stateDtype: 'float32',
    heads,
    headDim,
    // FlashKDA, which keeps the checkpoint, needs a bounded gate and heads of 128 (models/kimi_k3/nvidia/kda.py).
    prefillCheckpoint: bounded && headDim === 128,
  };
}

/** Ling 2.5: a matrix for each attention head, in the model's own type. */
function lightning(config: ModelConfig, modelType: string, stateDtype: StateDtype): LinearLayer | undefined {
  if (!/^bailing_(hybrid|moe_linear)/.test(modelType)) return undefined;
  const heads = numberField(config, 'num_attention_heads') ?? 0;
  const headDim = numberField(config, 'head_dim') ?? (numberField(config, 'hidden_size') ?? 0) / heads;
  return { type: 'Lightning', convKernel: 1, stateDtype, heads, headDim };
}

/** LFM2: the tail of a convolution and nothing else. */
function shortConvolution(config: ModelConfig, stateDtype: StateDtype): LinearLayer | undefined {
  const convKernel = numberField(config, 'conv_L_cache');
  if (!convKernel) return undefined;
  return {
    type: 'ShortConv',
    convKernel,
    stateDtype,
    channels: numberField(config, 'conv_dim', 'hidden_size') ?? 0,
  };
}

function mamba2(config: ModelConfig, stateDtype: StateDtype): LinearLayer | undefined {
  const modelType = textField(config, 'model_type') ?? '';
  const heads =
    numberField(config, 'mamba_num_heads', 'mamba_n_heads', 'n_mamba_heads') ??
    (modelType === 'mamba2' ? numberField(config, 'num_heads') : undefined);
  if (!heads) return undefined;
  // Falcon-H1 gives the width itself.
  const inner =
    numberField(config, 'mamba_d_ssm') ??
    (numberField(config, 'mamba_expand', 'expand') ?? 2) * (numberField(config, 'hidden_size') ?? 0);
  return {
    type: 'Mamba2',
    convKernel: numberField(config, 'conv_kernel', 'mamba_d_conv') ?? 4,
    stateDtype,
    heads,
    headDim:
      numberField(config, 'mamba_head_dim', 'mamba_d_head', 'mamba_headdim', 'head_dim') ?? inner / heads,
    stateSize: numberField(config, 'ssm_state_size', 'mamba_d_state', 'state_size') ?? 128,
    groups: numberField(config, 'n_groups', 'mamba_n_groups', 'mamba_ngroups') ?? 1,
  };
}

function mamba1(config: ModelConfig, stateDtype: StateDtype): LinearLayer | undefined {
  const stateSize = numberField(config, 'state_size', 'mamba_d_state', 'ssm_state_size');
  if (!stateSize) return undefined;
  const hidden = numberField(config, 'hidden_size', 'd_model') ?? 0;
  const pure = (textField(config, 'model_type') ?? '').includes('mamba');
  return {
    type: 'Mamba1',
    convKernel: numberField(config, 'conv_kernel', 'mamba_d_conv', 'd_conv') ?? 4,
    stateDtype,
    channels:
      (pure ? numberField(config, 'intermediate_size') : undefined) ??
      (numberField(config, 'mamba_expand', 'expand') ?? 2) * hidden,
    stateSize,
  };
}

function dtypeNamed(config: ModelConfig, ...names: readonly string[]): StateDtype | undefined {
  const name = textField(config, ...names);
  return name === 'float32' || name === 'bfloat16' || name === 'float16' ? name : undefined;
}
