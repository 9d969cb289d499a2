"""A folder that is filled completely or not at all, and known to be filled when asked again."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from .errors import TransferError

_FOLDER = ".slipway-fetch"
# No ending and no word such as "json": loaders that pick data files by their name must pass over it.
_DONE = "done"


class Staging:
    """Work area inside the destination, so that the final moves are renames on one volume.

    What is downloaded stays there when a run fails and is continued by the next one.
    """

    def __init__(self, destination: Path, content: Mapping[str, str]) -> None:
        """``content`` says what is fetched (for example ``{"digest": ...}``); another starts afresh."""
        self.destination = destination
        self._content = json.dumps(dict(content), sort_keys=True)
        self._root = destination / _FOLDER
        self.tree = self._root / "tree"
        self.blobs = self._root / "blobs"

    def is_done(self) -> bool:
        """Whether an earlier run already filled the destination with this content."""
        return self._read(_DONE) == self._content

    @staticmethod
    def is_filled(destination: Path) -> bool:
        """Whether a run has filled ``destination``, with whatever it was."""
        return (destination / _FOLDER / _DONE).is_file()

    def open(self) -> None:
        """Prepare the work area; leftovers of another content are removed."""
        if self._read("wanted") != self._content:
            shutil.rmtree(self._root, ignore_errors=True)
        try:
            self.blobs.mkdir(parents=True, exist_ok=True)
            (self._root / "wanted").write_text(self._content, encoding="utf-8")
        except OSError as error:
            raise TransferError(f"{self.destination}: cannot write: {error.strerror}", 2) from error

    def publish(self) -> list[str]:
        """Move everything from ``tree`` into the destination and leave the done mark; the top-level names."""
        names = sorted(path.name for path in self.tree.iterdir())
        for name in names:
            final = self.destination / name
            if final.is_dir() and not final.is_symlink():
                shutil.rmtree(final)
            (self.tree / name).replace(final)
        shutil.rmtree(self.tree)
        shutil.rmtree(self.blobs)
        (self._root / _DONE).write_text(self._content, encoding="utf-8")
        return names

    def _read(self, name: str) -> str | None:
        try:
            return (self._root / name).read_text(encoding="utf-8")
        except OSError:
            return None
