"""What a finished download leaves beside the weights: written last, so that whoever finds it finds all of them."""

from pathlib import Path

from pydantic import BaseModel, ValidationError

#: Name of the file.
MARK = ".slipway-weights.json"


class Mark(BaseModel):
    """What a finished download brought."""

    model: str
    asked: str | None
    commit: str
    files: dict[str, int]

    def answers(self, model: str, revision: str | None) -> bool:
        """Whether it is what is asked for now; no revision takes what is there."""
        return self.model == model and revision in (None, self.asked, self.commit)


def read_mark(folder: Path) -> Mark | None:
    """The mark in ``folder``; None where there is none that can be read."""
    try:
        return Mark.model_validate_json((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def differing_files(folder: Path, files: dict[str, int]) -> list[str]:
    """Names of ``files`` (sizes in bytes by name) that are not in ``folder`` with their size."""

    def size(name: str) -> int:
        path = folder / name
        return path.stat().st_size if path.is_file() else -1

    return [name for name, expected in files.items() if size(name) != expected]
