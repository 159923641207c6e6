"""F differs from the sum of entropies: a stationary point that shows it, to 30 digits.

Where a conditional has no identity its entropy is computed numerically, by a double-exponential
rule (or a sum), so that the plain sum of entropies has a value to compare the ELBO with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr

from entropy_proofs.arrays.tree_walk import Unevaluable
from entropy_proofs.evaluate.batch import POINT, SAMPLE
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.judge.family_entropies import coordinate_entropies
from entropy_proofs.judge.vouching import entropies_alone
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import TermResult, latent_motions, weighed_alike
from entropy_proofs.refute.constructed import Sides, averages, difference_of, stationary_point
from entropy_proofs.refute.entropy_values import NumericEntropy
from entropy_proofs.refute.excluded import exclusions
from entropy_proofs.refute.witness import Difference, scalar

_MOVES = 12  # ways to make conditions fail that are tried


def counterexample(proof: ProofRecord) -> Difference | None:
    """A stationary point at which F differs from the plain sum of entropies, or None.

    Left is F and right the sum, both without H[q].
    """
    failing = [t for t in proof.terms if not t.holds or t.fixes_scale]
    try:
        found = _of_terms(proof, failing) if failing else _of_conditions(proof)
    except (NotImplementedError, TypeError):
        return None  # the model has no numeric form
    return found and replace(found, sides=("F is", "the sum of entropies"))


def _of_terms(proof: ProofRecord, failing: list[TermResult]) -> Difference | None:
    """Where conditionals fail to become entropies."""
    learned = proof.model.learned().values()
    found = {
        t.variable: coordinate_entropies(proof.model, [t.term])
        or entropies_alone(proof.model, [t.term], learned)  # of what is told by its formula
        for t in failing
    }
    alone = {name: entropies[0] for name, entropies in found.items() if entropies is not None}
    numeric = [t for t in failing if t.variable not in alone]
    if any(t.term.event or t.term.aliases for t in numeric):
        return None
    exact, rough = (_sides(proof, numeric, backend, alone) for backend in ("mpmath", "numpy"))
    try:
        return stationary_point(proof.model, _flows(proof), averages(exact), difference_of(rough))
    except ArithmeticError:
        return None


def _of_conditions(proof: ProofRecord) -> Difference | None:
    """Where conditions on learned parameters fail."""
    moves = list(islice(exclusions(proof.model, proof.conditions), _MOVES))
    if not moves:
        return None
    exact = _sides(proof, [], "mpmath", {})
    for move in moves:
        try:
            found = stationary_point(
                proof.model, _flows(proof), averages(exact), difference_of(exact), [move]
            )
        except (ArithmeticError, Unevaluable):
            continue
        if found is not None:
            return replace(found, where=move.where)
    return None


def _flows(proof: ProofRecord) -> set[str]:
    """The latents along whose flows F is stationary, too."""
    flows = {f.variable for f in proof.identity.flows} if proof.identity else set()
    return flows | {
        m.name for m in latent_motions(proof.model) if not weighed_alike(proof.model, m)
    }


def _sides(
    proof: ProofRecord, failing: list[TermResult], backend: str, alone: Mapping[str, Expr]
) -> Sides:
    """F and the sum of entropies at one data point, without H[q].

    failing: the conditionals whose entropy is integrated numerically.  alone: known entropies.
    """
    code = ModelCode(proof.model, backend)
    batch = code.batch
    numeric = [NumericEntropy(code, t.term) for t in failing]
    written = {t.variable: (batch.write(t.weight), ()) for t in failing}
    weights = code.compile(written) if written else None
    names = {t.variable for t in failing} | {*alone}
    holding = [
        t.weight * batch.over_plates(t.term, t.identity.log_base_measure - t.identity.entropy)
        for t in proof.terms
        if t.identity is not None and t.variable not in names
    ]
    holding += [
        t.weight * batch.over_plates(t.term, -alone[t.variable])
        for t in proof.terms
        if t.variable in alone
    ]
    outputs = {"F": batch.log_joint, "S": sp.Add(*holding)}
    kernel = code.compile({name: (e, (POINT, SAMPLE)) for name, e in outputs.items()})

    def sides(sizes: Mapping[str, int], values: Mapping[str, Any]) -> tuple[Any, Any]:
        if backend == "numpy":
            values = {k: np.asarray(v, dtype=float) for k, v in values.items()}
        with np.errstate(all="ignore"):
            found = kernel(sizes, values)
            weight = weights(sizes, values) if weights else {}
            entropies = sum(weight[e.term.name] * e(sizes, values) for e in numeric)
        return scalar(found["F"]), scalar(found["S"]) - entropies

    return sides
