"""The fine-tuning program: LoRA and QLoRA from KAITO's training_config, one or more GPUs."""
