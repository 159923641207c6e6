"""From a model to its proof: what the search proposes, the kernel accepts and numbers confirm."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from entropy_proofs.document.blocks import Block
from entropy_proofs.errors import InputError, numbers_for
from entropy_proofs.judge.cross_check import residual
from entropy_proofs.judge.validate import validate
from entropy_proofs.model import catalogue
from entropy_proofs.model.model import Model
from entropy_proofs.notebook.displays import Displayed, listed, titled
from entropy_proofs.printing.symbols import Names
from entropy_proofs.proof.certificates import CertificateDocument
from entropy_proofs.proof.clock import timed
from entropy_proofs.proof.conditions import StatedConditions, stated
from entropy_proofs.proof.proof_page import proof_blocks
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import TermResult, TermResults, term_result
from entropy_proofs.proof.verdict import Verdict
from entropy_proofs.proving.cache import Proofs
from entropy_proofs.proving.decide import assumed, decided, dispute
from entropy_proofs.proving.declared_flows import OfQ, entropies_of_q, vouched_with_q


class Proof(Displayed, ProofRecord):
    """The result of `prove`, and all that may be asked of it; in nats, per data point."""

    @timed
    def claims(self) -> tuple[Any, ...]:
        """Every claim of the model with its verdict and witness."""
        from entropy_proofs.claims.claims import ClaimResults, judge

        return ClaimResults(
            result
            for claim in self.model.claims
            for result in judge(claim, self, lambda: self.counterexample)
        ).of(self.model)

    @timed
    def suggestions(self) -> tuple[Any, ...]:
        """The smallest changes of the model that make its entropy sum hold, tried and checked."""
        from entropy_proofs.proving.suggest import suggest

        return suggest(self, prove).of(self.model)

    @timed
    def objective(self) -> Any:
        """The ELBO with closed-form optima of scales, covariances and weights put in, or None."""
        from entropy_proofs.objective.objective import objective

        return objective(self)

    @timed
    def updates(self) -> Any:
        """EM: the closed-form optimum of every block of parameters that has one, each shown."""
        from entropy_proofs.updates.updates import updates

        return updates(self)

    @timed
    def counterexample(self) -> Any:
        """A stationary point at which F differs from the plain sum of entropies, or None.

        Where a condition on learned parameters is all that limits a proof, it fails there.  None is
        looked for where q is declared: the point's q need not be of that family.
        """
        if self.model.variational_.of:
            return None
        with numbers_for("a stationary point at which the plain sum fails"):
            from entropy_proofs.refute.counterexample import counterexample

        return counterexample(self)

    def _names(self) -> Names:
        return self.model.names()

    def _blocks(self) -> tuple[Block, ...]:
        """With the claims, and with what was searched for already."""
        claims = (titled("Claims"), *self.claims._blocks()) if self.model.claims else ()
        known = vars(self)
        found = [str(s) for s in known.get("suggestions", ())]
        shown = known.get("counterexample")
        return (
            *proof_blocks(self),
            *listed("Counterexample", [] if shown is None else [str(shown)]),
            *listed("Would hold if you", found),
            *claims,
        )

    def report(
        self,
        path: str | Path | None = None,
        format: str | None = None,
        *,
        vectors: str = "bold",
        per_datum: bool = False,
        verification: Any = None,
    ) -> str | bytes | None:
        """The full derivation, as the appendix of a paper has it; returned if no file is named.

        Args:
            path: the file to write, whole or not at all.
            format: "markdown", "latex", "html" or "pdf"; else what the file's suffix says.
            vectors: "bold" or "arrow".
            per_datum: 1/N times a sum over data points, with q(n) of each, for the average over q.
            verification: what `verify` found, to be reported with it.

        Raises InputError where that is no format or the file cannot be written.

        >>> import entropy_proofs as ep
        >>> ep.prove(ep.load("linear_regression")).report().splitlines()[0]
        '# Linear regression'
        """
        from entropy_proofs.derivation.appendix import derivation
        from entropy_proofs.derivation.report_files import (
            chosen_format,
            chosen_notation,
            report_file,
        )

        chosen, notation = chosen_format(format, path), chosen_notation(vectors, per_datum)
        document = derivation(self, notation=notation, verification=verification)
        return report_file(document, chosen, path)


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
    kernel, judged, q = vouched_with_q(model)
    seen = residual(model, judged.identity, points=_POINTS, digits=_DIGITS) if judged else None
    disputed = dispute(seen) if seen else ""
    if disputed:
        judged, q = None, OfQ()
    identity = judged.identity if judged else None
    kinds = judged.outcome.terms if judged else {}
    terms: tuple[TermResult, ...] = tuple(
        term_result(model, t, identity, kinds) for t in model.terms
    )
    conditions = StatedConditions(stated(model, c) for c in (judged.conditions if judged else ()))
    why = disputed or kernel.unsupported
    if why:
        verdict, witness = Verdict.UNDECIDED, None
        terms = tuple(replace(t, reason=why, undecided=True) for t in terms)
    else:
        verdict, witness, terms = decided(model, terms, conditions, kernel.gave_up, q.missing)
    statement = None if kernel.unsupported else kernel.statement
    assumptions = tuple(assumed(model, identity, terms, conditions, statement, q.direction))
    if seen and seen.skipped:
        assumptions += (f"not evaluated at random points: {seen.skipped}",)
    certificate = CertificateDocument(judged.document) if judged and judged.document else None
    seconds = time.perf_counter() - start
    return Proof(
        model, verdict, TermResults(terms).of(model), identity and identity.of(model),
        assumptions, witness, seconds, statement, certificate, conditions.of(model),
        q.direction, entropies_of_q(model),
    )  # fmt: skip
