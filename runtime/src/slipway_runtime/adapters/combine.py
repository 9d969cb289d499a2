"""Several adapters as one, by the three ways that peft knows, computed on their factors.

Both backends get the result as an ordinary adapter, so that they cannot differ in it.
"""

import math
from collections.abc import Sequence

import torch

from slipway_runtime.config.problems import ConfigError, Problem
from slipway_runtime.config.serve import Combination

from .factors import Factors


def combine(adapters: Sequence[dict[str, Factors]], how: Combination) -> dict[str, Factors]:
    """The sum of the adapters' changes, per module; all get the same rank, and the scale 1.

    ``cat`` joins the ranks and is exact. ``svd`` keeps the rank of the largest adapter, the best approximation of that
    rank. ``linear`` adds the factors themselves, which is not the sum of the changes.

    Raises ConfigError if ``linear`` is asked for with different ranks.
    """
    modules = sorted({module for adapter in adapters for module in adapter})
    if how == "linear":
        _require_same_rank(adapters)
    largest = max(factors.rank for adapter in adapters for factors in adapter.values())
    combined = {}
    for module in modules:
        parts = [adapter[module] for adapter in adapters if module in adapter]
        if how == "linear":
            combined[module] = _linear(parts)
        else:
            down = torch.cat([part.down for part in parts])
            joined = Factors(down, torch.cat([part.up * part.scale for part in parts], dim=1))
            combined[module] = _truncated(joined, largest) if how == "svd" else joined
    rank = max(factors.rank for factors in combined.values())
    return {module: _padded(factors, rank) for module, factors in combined.items()}


def _require_same_rank(adapters: Sequence[dict[str, Factors]]) -> None:
    ranks = sorted({factors.rank for adapter in adapters for factors in adapter.values()})
    if len(ranks) > 1:
        shown = ", ".join(str(rank) for rank in ranks)
        message = f"linear needs adapters of one rank, these have {shown}; use cat (exact) or svd"
        raise ConfigError([Problem("adapters", "adapters.combination", message)])


def _linear(parts: Sequence[Factors]) -> Factors:
    """Each side carries the square root of the scale, as in peft."""
    down = torch.zeros_like(parts[0].down)
    up = torch.zeros_like(parts[0].up)
    for part in parts:
        root = math.sqrt(abs(part.scale))
        down += part.down * root
        up += part.up * math.copysign(root, part.scale)
    return Factors(down, up)


def _truncated(joined: Factors, rank: int) -> Factors:
    """The best approximation with fewer ranks, from a decomposition no larger than the joined rank."""
    if joined.rank <= rank:
        return joined
    left, left_small = torch.linalg.qr(joined.up.double())
    right, right_small = torch.linalg.qr(joined.down.double().T)
    u, values, v = torch.linalg.svd(left_small @ right_small.T)
    root = values[:rank].sqrt()
    up = (left @ u[:, :rank]) * root
    down = (right @ v[:rank].T).T * root[:, None]
    return Factors(down.float().contiguous(), up.float().contiguous())


def _padded(factors: Factors, rank: int) -> Factors:
    missing = rank - factors.rank
    if missing == 0:
        return factors
    down = torch.nn.functional.pad(factors.down, (0, 0, 0, missing))
    up = torch.nn.functional.pad(factors.up, (0, missing))
    return Factors(down, up)
