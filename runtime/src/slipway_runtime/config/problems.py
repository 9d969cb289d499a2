"""Problems of a configuration as data; printed at the edge."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing to change: where it came from, the path of the key, what is wrong and what is allowed."""

    source: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.path}: {self.message}" if self.path else f"{self.source}: {self.message}"


class ConfigError(Exception):
    """The configuration cannot be used; carries all problems, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
