"""From a model to its proof: what the search proposes, the kernel accepts and numbers confirm."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from entropy_proofs.errors import InputError, numbers_for
from entropy_proofs.judge.cross_check import residual
from entropy_proofs.judge.validate import validate
from entropy_proofs.judge.vouching import vouched
from entropy_proofs.model import catalogue
from entropy_proofs.model.model import Model
from entropy_proofs.proof.certificates import CertificateDocument
from entropy_proofs.proof.clock import timed
from entropy_proofs.proof.conditions import stated
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import term_result
from entropy_proofs.proof.verdict import Verdict
from entropy_proofs.proving.cache import Proofs
from entropy_proofs.proving.decide import assumed, decided, dispute


class Proof(ProofRecord):
    """The result of `prove`, and all that may be asked of it; in nats, per data point."""

    @timed
    def claims(self) -> tuple[Any, ...]:
        """Every claim of the model with its verdict and witness."""
        from entropy_proofs.claims.claims import judge

        return tuple(
            result
            for claim in self.model.claims
            for result in judge(claim, self, lambda: self.counterexample)
        )

    @timed
    def suggestions(self) -> tuple[Any, ...]:
        """The smallest changes of the model that make its entropy sum hold, tried and checked."""
        from entropy_proofs.proving.suggest import suggest

        return suggest(self, prove)

    @timed
    def objective(self) -> Any:
        """The ELBO with closed-form optima of scales, covariances and weights put in, or None."""
        from entropy_proofs.objective.objective import objective

        return objective(self)

    @timed
    def counterexample(self) -> Any:
        """A stationary point at which F differs from the plain sum of entropies, or None.

        Where a condition on learned parameters is all that limits a proof, it fails there.
        """
        with numbers_for("a stationary point at which the plain sum fails"):
            from entropy_proofs.refute.counterexample import counterexample

        return counterexample(self)


def prove(model: Model | str | Path) -> Proof:
    """Search for the model's identity, check it, and say what follows.

    model: what was declared, or a catalogue name, or the path of a model file, which is run with
    the rights of who calls this.

    A model that declares the same, the claims included, has the same proof: it is found once in a
    process.  What is declared later is in the next proof, not in this one.

    Raises InputError if the model declares nothing, a density is not usable, or there is no such
    file; the message names the culprit.

    >>> import entropy_proofs as ep
    >>> model = ep.Model("a normal")
    >>> s = model.parameter("s", domain="positive")
    >>> x = model.observed("x", ep.Normal(mean=0, variance=s))
    >>> proof = ep.prove(model)
    >>> proof.verdict, proof.entropy_sum
    (<Verdict.PROVED: 'proved'>, -log(2*E*pi*s)/2)
    >>> ep.prove("ppca").verdict
    <Verdict.PROVED: 'proved'>
    """
    if isinstance(model, (str, Path)):
        model = catalogue.load(model)
    if not isinstance(model, Model):
        raise InputError(f"prove takes a Model, a catalogue name or a path, not {model!r}")
    return PROOFS.get(model, _prove)


PROOFS = Proofs()  # of this process
_POINTS, _DIGITS = 1, 30  # of the second evaluation


def _prove(model: Model) -> Proof:
    start = time.perf_counter()
    validate(model)
    kernel, judged = vouched(model)
    seen = residual(model, judged.identity, points=_POINTS, digits=_DIGITS) if judged else None
    disputed = dispute(seen) if seen else ""
    if disputed:
        judged = None
    identity = judged.identity if judged else None
    kinds = judged.outcome.terms if judged else {}
    terms = tuple(term_result(model, t, identity, kinds) for t in model.terms)
    conditions = tuple(stated(model, c) for c in judged.conditions) if judged else ()
    why = disputed or kernel.unsupported
    if why:
        verdict, witness = Verdict.UNDECIDED, None
        terms = tuple(replace(t, reason=why, undecided=True) for t in terms)
    else:
        verdict, witness, terms = decided(model, terms, conditions, kernel.gave_up)
    statement = None if kernel.unsupported else kernel.statement
    assumptions = tuple(assumed(model, identity, terms, conditions, statement))
    if seen and seen.skipped:
        assumptions += (f"not evaluated at random points: {seen.skipped}",)
    certificate = CertificateDocument(judged.document) if judged and judged.document else None
    seconds = time.perf_counter() - start
    return Proof(
        model, verdict, terms, identity, assumptions, witness, seconds, statement, certificate,
        conditions,
    )  # fmt: skip


__all__ = ["PROOFS", "Proof", "prove"]
