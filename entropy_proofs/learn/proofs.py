"""The proofs of what is to be learned, each made once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from entropy_proofs.errors import InputError
from entropy_proofs.learn.annealing import Schedule, annealed, schedules
from entropy_proofs.model.model import Model
from entropy_proofs.proving.proof import Proof, prove


def proof_of(model: Any) -> Proof:
    """The proof of a catalogue name, a path, a `Model` or a `Proof`.

    Raises:
        InputError: it is none of these.
    """
    if isinstance(model, Proof):
        return model
    if isinstance(model, (str, Path, Model)):
        return prove(model)
    raise InputError(f"model: a name, a path, a Model or a Proof is wanted, not {model!r}")


@lru_cache(maxsize=16)
def _annealed(proof: Proof, names: tuple[str, ...]) -> Proof:
    return prove(annealed(proof.model, names))


def annealed_proof(proof: Proof, by_name: Mapping[str, Schedule]) -> Proof:
    """Of the model with weights that schedules can change."""
    return _annealed(proof, tuple(by_name)) if by_name else proof


def schedules_for(given: Mapping[str, Any] | None) -> dict[str, Schedule]:
    """Schedules by variable, from schedules and from texts such as "0.1:1:100".

    Raises:
        InputError: something is neither.
    """
    found = {}
    for name, schedule in (given or {}).items():
        if isinstance(schedule, Schedule):
            found[name] = schedule
        else:
            found |= schedules([f"{name}={schedule}"])
    return found
