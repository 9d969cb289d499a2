"""Adapters as the backends get them: folders in peft's format in which the strengths are already in the weights."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slipway_runtime.config.serve import AdaptersSection, Combination

from .discover import Adapter

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PreparedAdapter:
    """An adapter that a backend loads without a strength."""

    name: str
    folder: Path
    rank: int


@dataclass(frozen=True)
class AdapterPlan:
    """``merged`` changes the served model itself; ``selectable`` are model ids of their own."""

    merged: PreparedAdapter | None = None
    selectable: tuple[PreparedAdapter, ...] = ()

    @property
    def all(self) -> tuple[PreparedAdapter, ...]:
        return ((self.merged,) if self.merged else ()) + self.selectable


def prepare(adapters: Sequence[Adapter], settings: AdaptersSection, scratch: Path) -> AdapterPlan:
    """Write what has to be changed below ``scratch``; an adapter at strength 1 is used from where it is.

    Raises ConfigError if a strength or a combination is impossible.
    """
    if settings.mode == "per-request":
        return AdapterPlan(selectable=tuple(_alone(adapter, scratch) for adapter in adapters))
    for adapter in adapters:
        log.info("Adapter added: %s (strength %g)", adapter.name, adapter.strength)
    active = [adapter for adapter in adapters if adapter.strength != 0]
    if not active:
        return AdapterPlan()
    if len(active) == 1:
        return AdapterPlan(merged=_alone(active[0], scratch))
    return AdapterPlan(merged=_together(active, settings.combination, scratch))


def _alone(adapter: Adapter, scratch: Path) -> PreparedAdapter:
    if adapter.strength == 1:
        return PreparedAdapter(adapter.name, adapter.folder, adapter.rank)
    return _written(adapter.name, [adapter], "cat", scratch)


def _together(adapters: Sequence[Adapter], how: Combination, scratch: Path) -> PreparedAdapter:
    return _written("merged-" + "-".join(adapter.name for adapter in adapters), adapters, how, scratch)


def _written(name: str, adapters: Sequence[Adapter], how: Combination, scratch: Path) -> PreparedAdapter:
    # Needs torch, which the parent of vLLM has no other use for.
    from .write import write_combined

    folder = scratch / name
    return PreparedAdapter(name, folder, write_combined(adapters, how, folder))
