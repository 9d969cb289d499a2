"""The training itself, with trl's trainer."""

import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import datasets
import torch
import transformers
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from peft import LoraConfig as PeftLoraConfig
from transformers import PreTrainedModel, PrinterCallback, set_seed
from trl import SFTConfig, SFTTrainer

from .callbacks import ProgressCallback, StopCallback
from .config import TrainingConfig
from .data_files import DataFile
from .model import load_model, load_tokenizer
from .outcome import EXIT_CONFIG, TuneError, outcome_of
from .output import save_adapter
from .progress import Progress
from .rows import load_rows
from .stop import StopRequest
from .targets import target_modules

log = logging.getLogger(__name__)

T = TypeVar("T")


class Training:
    """One process's part in a run."""

    def __init__(self, training: TrainingConfig, output_dir: Path, request: StopRequest) -> None:
        self._training = training
        self._output_dir = output_dir
        self._request = request
        self._on_cpu = training.arguments.use_cpu or not torch.cuda.is_available()
        # Fixed from the start: processes that train together find each other here.
        self._state = PartialState(cpu=self._on_cpu)
        self.step = 0
        self.finished = False
        self.summary = ""

    def first(self, work: Callable[[], T]) -> T:
        """Do ``work`` in the first process only and give its result, or its error, to all of them."""
        box: list[Any] = [None, None]
        if self._state.is_main_process:
            try:
                box[0] = work()
            except Exception as error:
                # Told to the others, which would wait for this process for ever.
                outcome = outcome_of(error)
                box[1] = (outcome.message, outcome.exitCode)
        if self._state.num_processes > 1:
            broadcast_object_list(box)
        if box[1] is not None:
            raise TuneError(*box[1])
        result: T = box[0]
        return result

    def run(self, files: Sequence[DataFile], checkpoint: Path | None, progress: Progress) -> None:
        """Train and, unless a stop was asked for, save the adapter."""
        training = self._training
        self._report(progress)
        # Bars fill a log with one line per redraw.
        datasets.disable_progress_bars()
        transformers.utils.logging.disable_progress_bar()
        arguments = self._arguments()
        set_seed(arguments.seed)
        tokenizer = load_tokenizer(training.model)
        with tempfile.TemporaryDirectory(prefix="rows-") as cache, self._state.main_process_first():
            rows, held_out = load_rows(
                files, training.dataset, Path(cache), has_chat_template=tokenizer.chat_template is not None
            )
            # The rows are in memory-mapped files of this folder until the trainer has tokenized them.
            model = load_model(training, self._state.device)
            trainer = self._trainer(model, tokenizer, arguments, rows, held_out)
        progress.processes = self._state.num_processes
        progress.trainRows = len(rows)
        progress.trainableParameters = trainer.model.num_parameters(only_trainable=True)
        trainer.remove_callback(PrinterCallback)
        # trl writes a README beside every checkpoint, which nobody asked for and no adapter image should carry.
        trainer.create_model_card = lambda *_, **__: None
        trainer.add_callback(ProgressCallback(progress, self._output_dir))
        trainer.add_callback(StopCallback(self._request))
        if checkpoint is not None:
            log.info("going on from %s", checkpoint.name)
        result = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        self.step = trainer.state.global_step
        self.finished = self.step >= trainer.state.max_steps
        if self._request.obeyed and not self.finished:
            return
        if held_out is not None:
            trainer.evaluate()
        self._finish(trainer, result.training_loss, progress)

    def _report(self, progress: Progress) -> None:
        if self._state.is_main_process:
            progress.write(self._output_dir)

    def _finish(self, trainer: SFTTrainer, loss: float, progress: Progress) -> None:
        self.summary = f"{self.step} steps, mean training loss {loss:.6g}"
        progress.phase = "saving"
        self._report(progress)
        self._state.wait_for_everyone()
        if self._state.is_main_process:
            save_adapter(trainer.accelerator.unwrap_model(trainer.model), self._output_dir, self.summary)
        self._state.wait_for_everyone()

    def _trainer(
        self, model: PreTrainedModel, tokenizer: Any, arguments: SFTConfig, rows: Any, held_out: Any
    ) -> SFTTrainer:
        lora = self._training.lora
        given = {**lora.given(), "task_type": "CAUSAL_LM"}
        given["target_modules"] = target_modules(lora, model, os.environ)
        try:
            peft_config = PeftLoraConfig(**given)
        except (TypeError, ValueError) as error:
            raise TuneError(f"training_config.LoraConfig: {error}", EXIT_CONFIG) from error
        try:
            return SFTTrainer(
                model=model,
                args=arguments,
                train_dataset=rows,
                eval_dataset=held_out,
                processing_class=tokenizer,
                peft_config=peft_config,
            )
        except ValueError as error:
            # peft and trl check here whether what the sections ask for goes together.
            raise TuneError(f"training_config: {error}", EXIT_CONFIG) from error

    def _arguments(self) -> SFTConfig:
        """trl's configuration: what the file gives, and what follows from this machine."""
        given = self._training.arguments.given()
        given |= {
            "output_dir": str(self._output_dir),
            "use_cpu": self._on_cpu,
            "report_to": "none",
            "disable_tqdm": True,
        }
        # trl's own default is bfloat16 wherever it works, which on the CPU only makes float32 weights less exact.
        if given.get("bf16") is None:
            given["bf16"] = not self._on_cpu and not given.get("fp16") and torch.cuda.is_bf16_supported()
        if self._on_cpu:
            given["dataloader_pin_memory"] = False
        if self._training.collator.pad_to_multiple_of is not None:
            given["pad_to_multiple_of"] = self._training.collator.pad_to_multiple_of
        try:
            return SFTConfig(**given)
        except (TypeError, ValueError) as error:
            raise TuneError(f"training_config.TrainingArguments: {error}", EXIT_CONFIG) from error
