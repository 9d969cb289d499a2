"""Options of the libraries that a section does not offer, each with the reason that the user is told."""

_PUSH = "results are pushed by the push command, after training"
_REPORT = "progress and metrics are served at /progress and /metrics"
_MODEL = "give it in ModelConfig"
_PARALLEL = "the program decides how processes share the work"
_RESUME = "checkpoints in output_dir are continued by themselves"
_INTERNAL = "the library sets it"
_METHOD = "this method needs preparations of its own, which the program does not make"

REFUSED_TRAINING = {
    "push_to_hub": _PUSH,
    "hub_token": _PUSH,
    "hub_private_repo": _PUSH,
    "hub_model_id": _PUSH,
    "hub_strategy": _PUSH,
    "hub_always_push": _PUSH,
    "hub_revision": _PUSH,
    "report_to": _REPORT,
    "run_name": _REPORT,
    "project": _REPORT,
    "trackio_space_id": _REPORT,
    "trackio_bucket_id": _REPORT,
    "trackio_static_space_id": _REPORT,
    "disable_tqdm": _REPORT,
    "log_level": _REPORT,
    "log_level_replica": _REPORT,
    "model_init_kwargs": _MODEL,
    "trust_remote_code": _MODEL,
    "chat_template_path": "give chat_template in ModelConfig",
    "dataset_text_field": "give text_column in DatasetConfig",
    "shuffle_dataset": "give shuffle_dataset in DatasetConfig",
    "accelerator_config": _PARALLEL,
    "parallelism_config": _PARALLEL,
    "fsdp": _PARALLEL,
    "fsdp_config": _PARALLEL,
    "deepspeed": _PARALLEL,
    "local_rank": _PARALLEL,
    "save_only_model": "a checkpoint without the optimizer cannot be continued",
    "resume_from_checkpoint": _RESUME,
    "restore_callback_states_from_checkpoint": _RESUME,
    "enable_jit_checkpoint": "SIGTERM saves a checkpoint already",
    "do_train": _INTERNAL,
    "do_eval": _INTERNAL,
    "do_predict": _INTERNAL,
    "debug": _INTERNAL,
    "include_for_metrics": _INTERNAL,
    "label_names": _INTERNAL,
    "remove_unused_columns": _INTERNAL,
}
"""Keys of trl's SFTConfig."""

REFUSED_LORA = {
    "peft_type": _INTERNAL,
    "peft_version": _INTERNAL,
    "auto_mapping": _INTERNAL,
    "base_model_name_or_path": _MODEL,
    "revision": _MODEL,
    "inference_mode": _INTERNAL,
    "runtime_config": _INTERNAL,
    "megatron_config": _METHOD,
    "megatron_core": _METHOD,
    "eva_config": _METHOD,
    "corda_config": _METHOD,
    "lora_ga_config": _METHOD,
    "velora_config": _METHOD,
    "monteclora_config": _METHOD,
    "use_bdlora": _METHOD,
    "arrow_config": _METHOD,
    "kasa_config": _METHOD,
}
"""Keys of peft's LoraConfig."""

REFUSED_MODEL = {
    "state_dict": "the weights are read from the folder",
    "proxies": "set HTTPS_PROXY and NO_PROXY",
    "output_loading_info": _INTERNAL,
    "load_in_4bit": "give it in QuantizationConfig",
    "load_in_8bit": "give it in QuantizationConfig",
}
"""Keys that KAITO's ModelConfig has or had."""

REFUSED = {"ModelConfig": REFUSED_MODEL, "TrainingArguments": REFUSED_TRAINING, "LoraConfig": REFUSED_LORA}
