"""``training_config`` as KAITO writes it: six sections, read straight from YAML.

The JSON Schema of :class:`TuneFile` is the contract with the synthesizer.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .library_sections import LoraConfig, TrainingArguments
from .section import Section

DtypeName = Literal["auto", "bfloat16", "float16", "float32"]

DEFAULT_OUTPUT_DIR = "results"
"""Below the root (/mnt), as in the defaults of KAITO's chart."""


class ModelConfig(Section):
    """Which weights are tuned, and how they are loaded."""

    pretrained_model_name_or_path: str = Field(
        "/workspace/weights", min_length=1, description="Folder in the container, or Hugging Face id (org/name)."
    )
    revision: str = Field("main", description="Commit, tag or branch on the hub; a commit is the only one that stays.")
    local_files_only: bool = Field(False, description="Do not ask the hub, even for a Hugging Face id.")
    force_download: bool = Field(False, description="Download again what is in the cache.")
    cache_dir: str | None = Field(None, description="Where downloads are kept; by default below HF_HOME.")
    trust_remote_code: bool = Field(False, description="Run Python code that comes with the weights.")
    torch_dtype: DtypeName = Field("auto", description="`auto` takes the weights' own.")
    device_map: Literal["auto"] = Field(
        "auto", description="Accepted for KAITO's files: each process always holds the model on its own GPU."
    )
    attn_implementation: Literal["sdpa", "eager"] | None = Field(
        None, description="Attention kernel; by default what the model class prefers."
    )
    chat_template: str | None = Field(
        None, description="Jinja file, or the template itself, in place of the tokenizer's own."
    )


class QuantizationConfig(Section):
    """bitsandbytes: with load_in_4bit or load_in_8bit the tuning is QLoRA, else LoRA."""

    quant_method: Literal["bitsandbytes"] = "bitsandbytes"
    load_in_4bit: bool = False
    load_in_8bit: bool = False
    bnb_4bit_quant_type: Literal["fp4", "nf4"] = "fp4"
    bnb_4bit_compute_dtype: Literal["bfloat16", "float16", "float32"] = "float32"
    bnb_4bit_use_double_quant: bool = False
    llm_int8_threshold: float = Field(6.0, ge=0)
    llm_int8_skip_modules: list[str] | None = None
    llm_int8_enable_fp32_cpu_offload: bool = False
    llm_int8_has_fp16_weight: bool = False

    @model_validator(mode="after")
    def _one_width(self) -> "QuantizationConfig":
        if self.load_in_4bit and self.load_in_8bit:
            raise ValueError("load_in_4bit and load_in_8bit are both true; keep one")
        return self


class DatasetConfig(Section):
    """Where the rows are and which columns mean what."""

    dataset_path: str | None = Field(
        None, description="File or folder below the root (/mnt); by default every data file of the data folder."
    )
    dataset_extension: Literal["csv", "json", "jsonl", "parquet"] | None = Field(
        None, description="Take only files that end so; by default all that are supported."
    )
    shuffle_dataset: bool = True
    shuffle_seed: int = 42
    train_test_split: float = Field(
        1.0, gt=0, le=1, description="Share of the rows to train on; the rest is for evaluation at the end."
    )
    messages_column: str | None = Field(None, description="Column with lists of {role, content}.")
    context_column: str | None = Field(None, description="Column with the prompt; goes with response_column.")
    response_column: str | None = Field(
        None, description="Column with the answer; without context_column it is plain text to continue."
    )
    instruction_column: str | None = Field(None, description="Column with the instruction; goes with output_column.")
    input_column: str | None = Field(None, description="Column with what the instruction is about; may be empty.")
    output_column: str | None = Field(None, description="Column with the answer to the instruction.")
    text_column: str | None = Field(None, description="Column with plain text.")

    @model_validator(mode="after")
    def _one_format(self) -> "DatasetConfig":
        problems = []
        ways = {
            "messages_column": self.messages_column,
            "response_column": self.response_column,
            "instruction_column": self.instruction_column,
            "text_column": self.text_column,
        }
        chosen = [name for name, column in ways.items() if column is not None]
        if len(chosen) > 1:
            problems.append(f"{' and '.join(chosen)} are given; each stands for another format, keep one")
        if self.context_column is not None and self.response_column is None:
            problems.append("context_column needs response_column")
        if (self.instruction_column is None) != (self.output_column is None):
            problems.append("instruction_column and output_column go together")
        if self.input_column is not None and self.instruction_column is None:
            problems.append("input_column needs instruction_column and output_column")
        if problems:
            raise ValueError("; ".join(problems))
        return self


class DataCollator(Section):
    """How rows become batches. Kept for KAITO's files: a causal model has no masked tokens to predict."""

    mlm: bool = Field(False, description="Has no effect: none of the models served has a mask token.")
    mlm_probability: float | None = Field(None, ge=0, le=1, description="Has no effect, as mlm.")
    pad_to_multiple_of: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Batches are padded to a multiple of so many tokens."
    )
    return_tensors: Literal["pt"] = "pt"


class TrainingConfig(Section):
    """The six sections."""

    model: ModelConfig = Field(default_factory=lambda: ModelConfig(), alias="ModelConfig")
    quantization: QuantizationConfig = Field(default_factory=lambda: QuantizationConfig(), alias="QuantizationConfig")
    lora: LoraConfig = Field(default_factory=lambda: LoraConfig(), alias="LoraConfig")
    arguments: TrainingArguments = Field(default_factory=lambda: TrainingArguments(), alias="TrainingArguments")
    dataset: DatasetConfig = Field(default_factory=lambda: DatasetConfig(), alias="DatasetConfig")
    collator: DataCollator = Field(default_factory=lambda: DataCollator(), alias="DataCollator")

    @model_validator(mode="after")
    def _causal(self) -> "TrainingConfig":
        problems = []
        if self.lora.task_type not in (None, "CAUSAL_LM"):
            problems.append(f"LoraConfig.task_type must be CAUSAL_LM, not {self.lora.task_type}")
        if self.arguments.load_best_model_at_end and self.dataset.train_test_split == 1.0:
            problems.append(
                "TrainingArguments.load_best_model_at_end needs rows to compare on:"
                " set DatasetConfig.train_test_split below 1"
            )
        if self.arguments.eval_strategy != "no" and self.dataset.train_test_split == 1.0:
            problems.append(
                f"TrainingArguments.eval_strategy is {self.arguments.eval_strategy}, but no rows are left for it:"
                " set DatasetConfig.train_test_split below 1"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def quantized(self) -> bool:
        """Whether this is QLoRA."""
        return self.quantization.load_in_4bit or self.quantization.load_in_8bit


class TuneFile(Section):
    """The file that ``tune --config`` reads."""

    training_config: TrainingConfig
