"""The instances at which the catalogue's models are certified, where the usual ones don't do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entropy_proofs.numeric.certify.enclosure import enclose
from entropy_proofs.numeric.certify.records import Enclosure

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

#: The stem of a catalogue file -> arguments of `enclose`.
INSTANCES: dict[str, dict[str, Any]] = {}


def enclose_instance(stem: str, proof: Proof) -> Enclosure:
    """The enclosure of a catalogue model, at the instance that is known to suit it."""
    return enclose(proof, **{"attempts": 2, **INSTANCES.get(stem, {})})
