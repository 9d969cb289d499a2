"""Weights from the Hugging Face hub: resumed, every size checked, and asked for only once."""

import contextlib
import fnmatch
import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

from slipway_runtime.lifecycle import Lifecycle

from .errors import WeightsError, WeightsRefused
from .mark import MARK, Mark, differing_files, read_mark

log = logging.getLogger(__name__)

#: Copies of the weights in other formats, and what only people read.
_OTHER_FORMATS = (
    "*.gguf",
    "*.onnx",
    "*.h5",
    "*.msgpack",
    "*.tflite",
    "onnx/*",
    "original/*",
    "metal/*",
    "*.png",
    "*.pdf",
)
_PICKLES = ("*.bin", "*.pt", "*.pth")
_POLL_SECONDS = 2.0


def download_from_hub(model: str, revision: str | None, target: Path, lifecycle: Lifecycle) -> Path:
    """Download what is missing of a model into ``target``.

    A restart continues; a commit that is there completely is used without asking the hub.

    Raises WeightsError that says what to do: token, name, network, space. It is WeightsRefused where trying again does
    not help.
    """
    finished = read_mark(target)
    if finished is not None and finished.answers(model, revision) and not differing_files(target, finished.files):
        if revision is None:
            log.warning("runtime.revision is not set; using the commit that is there, %s", finished.commit)
        return target
    try:
        info = HfApi().model_info(model, revision=revision, files_metadata=True)
        files = wanted_files({file.rfilename: file.size or 0 for file in info.siblings or []})
        commit = info.sha or revision or "main"
        lifecycle.bytes_total = sum(files.values())
        log.info("downloading %s at %s: %d files, %d bytes", model, commit, len(files), lifecycle.bytes_total)
        with _Progress(target, lifecycle):
            snapshot_download(model, revision=commit, local_dir=target, allow_patterns=[*map(_literal, files)])
    except GatedRepoError as error:
        message = f"{model} is gated: accept its terms on the hub and give HF_TOKEN of an account that has access"
        raise WeightsRefused(message) from error
    except RepositoryNotFoundError as error:
        raise WeightsRefused(f"{model} is not on the hub, or is private and HF_TOKEN has no access to it") from error
    except RevisionNotFoundError as error:
        raise WeightsRefused(f"{model} has no revision {revision}") from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise WeightsError(f"{model} cannot be downloaded to {target}: {error}") from error
    differing = differing_files(target, files)
    if differing:
        for name in differing:
            (target / name).unlink(missing_ok=True)
        message = f"{model}: {', '.join(differing)} came with another size than the hub says; removed, start again"
        raise WeightsError(message)
    mark = Mark(model=model, asked=revision, commit=commit, files=files)
    (target / MARK).write_text(mark.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return target


def wanted_files(sizes: dict[str, int]) -> dict[str, int]:
    """The files that serving needs: pickled weights only where there are no safetensors."""
    safe = any(name.endswith(".safetensors") for name in sizes)
    unwanted = _OTHER_FORMATS + (_PICKLES if safe else ())
    return {name: size for name, size in sizes.items() if not any(fnmatch.fnmatch(name, one) for one in unwanted)}


def _literal(name: str) -> str:
    """A pattern that matches just this name."""
    return name.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")


class _Progress:
    """Reports how many bytes are there, unfinished files included."""

    def __init__(self, target: Path, lifecycle: Lifecycle) -> None:
        self._target = target
        self._lifecycle = lifecycle
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="download-progress", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._measure()

    def _watch(self) -> None:
        tenth = 0
        while not self._stop.wait(_POLL_SECONDS):
            self._measure()
            now = 10 * self._lifecycle.bytes_done // max(1, self._lifecycle.bytes_total)
            if now > tenth:
                tenth = now
                log.info("downloaded %d of %d bytes", self._lifecycle.bytes_done, self._lifecycle.bytes_total)

    def _measure(self) -> None:
        self._lifecycle.bytes_done = sum(_sizes(self._target))


def _sizes(target: Path) -> Iterable[int]:
    for path in target.rglob("*"):
        is_part = path.suffix == ".incomplete"
        if path.name == MARK or (".cache" in path.relative_to(target).parts and not is_part):
            continue
        # An unfinished file may be renamed while we look.
        with contextlib.suppress(OSError):
            if path.is_file():
                yield path.stat().st_size
