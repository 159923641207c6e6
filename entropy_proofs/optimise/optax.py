"""Steps of optax's optimisers, for blocks that all data points share and for their own."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from entropy_proofs.code.backends import backend
from entropy_proofs.errors import InputError

OPTAX = ("adam", "nadam", "rmsprop", "adagrad", "sgd")

Arrays = dict[str, Any]
Moments = tuple[Any, Any]  # what an optimiser remembers of common and of local gradients


class OptaxSteps:
    """An optax optimiser of the common blocks, and one for each data point's own, uphill."""

    def __init__(self, name: str, learning_rate: float):
        self._optimiser, self._common, self._local = _compiled(name, learning_rate)
        import jax

        self._tree, self._vmap = jax.tree, jax.vmap

    def init(self, common: Arrays, local: Arrays) -> Moments:
        own = self._vmap(self._optimiser.init)(local) if local else None
        return self._optimiser.init(common), self._tree.map(np.array, own)

    def __call__(
        self,
        common: Arrays,
        local: Arrays,
        moments: Moments,
        rows: Any,
        by_common: Arrays,
        by_local: Arrays,
    ) -> tuple[Arrays, Arrays, Moments]:
        """One step along gradients, the local ones those of some rows' data points.

        What is local is changed in place.
        """
        shared, own = moments
        moves, shared = self._common(by_common, shared)
        common = {n: block + np.asarray(moves[n]) for n, block in common.items()}
        if local:
            mine = self._tree.map(lambda leaf: leaf[rows], own)
            by_point = {n: g * len(rows) for n, g in by_local.items()}
            moves, mine = self._local(by_point, mine)
            for name, block in local.items():
                block[rows] += np.asarray(moves[name])

            def put(leaf: Any, new: Any) -> None:
                leaf[rows] = np.asarray(new)

            self._tree.map(put, own, mine)
        return common, local, (shared, own)


@cache
def _compiled(name: str, learning_rate: float) -> tuple[Any, Any, Any]:
    """An optax optimiser, its step uphill, and that of many data points apart."""
    try:
        import jax
        import optax
    except ImportError:
        raise InputError(f"optimizer {name!r} needs: pip install 'entropy-proofs[learn]'") from None
    backend("jax").load()  # float64
    optimiser = getattr(optax, name)(learning_rate)

    def update(gradients: Any, state: Any) -> Any:
        downhill = jax.tree.map(lambda g: -g, gradients)
        return optimiser.update(downhill, state)

    return optimiser, jax.jit(update), jax.jit(jax.vmap(update))
