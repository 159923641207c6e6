"""One run of a sweep: what identifies it, what came out, and the function that workers call.

A run crosses to its worker as plain values: where the model's file is, and the hash of what it
held.  The worker proves the model itself, once for all the runs that it is given of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from entropy_proofs.data.data_sets import DataSet
from entropy_proofs.errors import InputError
from entropy_proofs.model import catalogue
from entropy_proofs.model.source_hash import model_hash, software
from entropy_proofs.points.verify import Verification, verify
from entropy_proofs.proving.proof import Proof, prove

#: Threads of one process take turns: mpmath's precision and SymPy's caches are the process's.
_ALONE = Lock()


class RunKey(NamedTuple):
    """What a run's outcome depends on, and nothing else: two runs with one key are the same.

    Attributes:
        model: the hash of the model's file (`content.model_hash`).
        data: the identity of the data set.
        software: the versions (`content.software`).
    """

    model: str
    data: str
    seed: int
    start: int
    software: str


@dataclass(frozen=True, eq=False)
class Run:
    """A numeric check to do.

    Attributes:
        source: a catalogue name or an absolute path.
        content: the hash of what the file held when the sweep began.
    """

    source: str
    content: str
    data: DataSet
    seed: int
    start: int
    software: str

    @property
    def key(self) -> RunKey:
        return RunKey(self.content, self.data.identity, self.seed, self.start, self.software)


@dataclass(frozen=True)
class RunOutcome:
    """What came out of a run.

    Attributes:
        verdict: of the proof; empty if there was none.
        verification: None if the run raised or its worker died.
        reason: why it did not pass, in one line; empty if it did.
        seconds: of the run, in its worker.
    """

    verdict: str
    verification: Verification | None
    reason: str
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the check was done and everything agreed."""
        return self.verification is not None and self.verification.passed and not self.reason


def failed(reason: object, seconds: float = 0.0, verdict: str = "") -> RunOutcome:
    """The outcome of a run that raised, or that never came back."""
    text = f"{type(reason).__name__}: {reason}" if isinstance(reason, Exception) else str(reason)
    if isinstance(reason, InputError):
        text = str(reason)
    return RunOutcome(verdict, None, " ".join(text.split())[:500] or "it raised", seconds)


def perform(run: Run) -> RunOutcome:
    """Do a run; whatever it raises becomes a failed outcome."""
    with _ALONE:
        start, verdict = time.perf_counter(), ""
        try:
            proof = _proof_of(run)
            verdict = proof.verdict.value
            found = verify(proof, run.data.values, seed=run.seed, start=run.start)
        except Exception as error:
            return failed(error, time.perf_counter() - start, verdict)
        return RunOutcome(verdict, found, found.reason, time.perf_counter() - start)


def _proof_of(run: Run) -> Proof:
    """The proof of a run's model.

    Raises:
        InputError: the file no longer holds, or this process does not run, what the run names.
    """
    if software() != run.software:
        raise InputError(f"the worker runs {software()}, not {run.software}")
    if model_hash(run.source) != run.content:
        raise InputError(f"{run.source}: the file changed after the sweep began")
    return proved(run.source, run.content)


@lru_cache(maxsize=16)
def proved(source: str, content: str) -> Proof:
    """The proof of a model file, once for each content that this process has met."""
    return prove(catalogue.load(source))
