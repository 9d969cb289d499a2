"""Sections whose keys are the libraries' own. Written by generate.py, not by hand."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from .section import Section, yaml_no


class LoraConfig(Section):
    """LoRA (peft)."""

    alora_invocation_tokens: list[int] | None = None
    alpha_pattern: dict[str, Any] | None = Field(default_factory=dict)
    bias: Literal["none", "all", "lora_only"] = "none"
    ensure_weight_tying: bool = False
    exclude_modules: list[str] | str | None = None
    fan_in_fan_out: bool = False
    init_lora_weights: bool | str = True
    layer_replication: list[tuple[int, int]] | None = None
    layers_pattern: list[str] | str | None = None
    layers_to_transform: int | list[int] | None = None
    loftq_config: dict[str, Any] = Field(default_factory=dict)
    lora_alpha: int = 8
    lora_bias: bool = False
    lora_dropout: float = 0.0
    modules_to_save: list[str] | None = None
    qalora_group_size: int = 16
    r: int = 8
    rank_pattern: dict[str, Any] | None = Field(default_factory=dict)
    target_modules: list[str] | str | None = None
    target_parameters: list[str] | None = None
    task_type: (
        Literal["SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION"] | None
    ) = None
    trainable_token_indices: dict[str, list[int]] | list[int] | None = None
    use_dora: bool = False
    use_qalora: bool = False
    use_rslora: bool = False


class TrainingArguments(Section):
    """The training loop (trl)."""

    activation_offloading: bool = False
    adam_beta1: float = 0.9
    adam_beta2: float = 0.999
    adam_epsilon: float = 1e-08
    assistant_only_loss: bool = False
    auto_find_batch_size: bool = False
    average_tokens_across_devices: bool = True
    batch_eval_metrics: bool = False
    bf16: bool | None = None
    bf16_full_eval: bool = False
    completion_only_loss: bool | None = None
    data_seed: int | None = None
    dataloader_drop_last: bool = False
    dataloader_in_order: bool = True
    dataloader_multiprocessing_context: str | None = None
    dataloader_num_workers: int = 0
    dataloader_persistent_workers: bool = False
    dataloader_pin_memory: bool = True
    dataloader_prefetch_factor: int | None = None
    dataset_kwargs: dict[str, Any] | str | None = None
    dataset_num_proc: int | None = None
    ddp_backend: str | None = None
    ddp_broadcast_buffers: bool | None = None
    ddp_bucket_cap_mb: int | None = None
    ddp_find_unused_parameters: bool | None = None
    ddp_static_graph: bool | None = None
    ddp_timeout: int = 1800
    eos_token: str | None = None
    eval_accumulation_steps: int | None = None
    eval_delay: float = 0
    eval_do_concat_batches: bool = True
    eval_on_start: bool = False
    eval_packing: bool | None = None
    eval_steps: float | None = None
    eval_strategy: Annotated[Literal["no", "steps", "epoch"], BeforeValidator(yaml_no)] = "no"
    eval_use_gather_object: bool = False
    fp16: bool = False
    fp16_full_eval: bool = False
    full_determinism: bool = False
    gradient_accumulation_steps: int = 1
    gradient_checkpointing: bool = True
    gradient_checkpointing_kwargs: dict[str, Any] | str | None = None
    greater_is_better: bool | None = None
    ignore_data_skip: bool = False
    include_num_input_tokens_seen: bool | str = "no"
    label_smoothing_factor: float = 0.0
    learning_rate: float = 2e-05
    length_column_name: str = "length"
    liger_kernel_config: dict[str, bool] | None = None
    load_best_model_at_end: bool = False
    log_on_each_node: bool = True
    logging_first_step: bool = False
    logging_nan_inf_filter: bool = True
    logging_steps: float = 10
    logging_strategy: Annotated[Literal["no", "steps", "epoch"], BeforeValidator(yaml_no)] = "steps"
    loss_type: str = "nll"
    lr_scheduler_kwargs: dict[str, Any] | str | None = None
    lr_scheduler_type: Literal[
        "linear",
        "cosine",
        "cosine_with_restarts",
        "polynomial",
        "constant",
        "constant_with_warmup",
        "inverse_sqrt",
        "reduce_lr_on_plateau",
        "cosine_with_min_lr",
        "cosine_warmup_with_min_lr",
        "warmup_stable_decay",
        "greedy",
    ] = "linear"
    max_grad_norm: float = 1.0
    max_length: int | None = 1024
    max_steps: int = -1
    metric_for_best_model: str | None = None
    neftune_noise_alpha: float | None = None
    num_train_epochs: float = 3.0
    optim: Literal[
        "adamw_torch",
        "adamw_torch_fused",
        "adamw_torch_xla",
        "adamw_torch_npu_fused",
        "adafactor",
        "adamw_anyprecision",
        "adamw_torch_4bit",
        "adamw_torch_8bit",
        "ademamix",
        "sgd",
        "adagrad",
        "adamw_bnb_8bit",
        "adamw_8bit",
        "ademamix_8bit",
        "lion_8bit",
        "lion_32bit",
        "paged_adamw_32bit",
        "paged_adamw_8bit",
        "paged_ademamix_32bit",
        "paged_ademamix_8bit",
        "paged_lion_32bit",
        "paged_lion_8bit",
        "rmsprop",
        "rmsprop_bnb",
        "rmsprop_bnb_8bit",
        "rmsprop_bnb_32bit",
        "galore_adamw",
        "galore_adamw_8bit",
        "galore_adafactor",
        "galore_adamw_layerwise",
        "galore_adamw_8bit_layerwise",
        "galore_adafactor_layerwise",
        "lomo",
        "adalomo",
        "grokadamw",
        "schedule_free_radam",
        "schedule_free_adamw",
        "schedule_free_sgd",
        "apollo_adamw",
        "apollo_adamw_layerwise",
        "stable_adamw",
    ] = "adamw_torch_fused"
    optim_args: str | None = None
    optim_target_modules: list[str] | str | None = None
    output_dir: str | None = None
    packing: bool = False
    packing_strategy: str = "bfd"
    pad_to_multiple_of: int | str | None = "auto"
    pad_token: str | None = None
    padding_free: bool = False
    per_device_eval_batch_size: int = 8
    per_device_train_batch_size: int = 8
    prediction_loss_only: bool = False
    router_aux_loss_coef: float | None = None
    save_on_each_node: bool = False
    save_steps: float = 500
    save_strategy: Annotated[Literal["no", "steps", "epoch", "best"], BeforeValidator(yaml_no)] = "steps"
    save_total_limit: int | None = None
    seed: int = 42
    skip_memory_metrics: bool = True
    tf32: bool | None = None
    torch_compile: bool = False
    torch_compile_backend: str | None = None
    torch_compile_mode: str | None = None
    torch_empty_cache_steps: int | None = None
    train_sampling_strategy: str = "random"
    truncation_mode: str = "keep_start"
    use_cache: bool = False
    use_cpu: bool = False
    use_liger_kernel: bool = False
    warmup_steps: float = 0
    weight_decay: float = 0.0
