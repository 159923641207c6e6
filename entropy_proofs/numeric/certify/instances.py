"""The instances at which the catalogue's models are certified, where the usual ones don't do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from entropy_proofs.numeric.certify.enclosure import enclose
from entropy_proofs.numeric.certify.records import Enclosure

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

#: The stem of a catalogue file -> arguments of `enclose`.
INSTANCES: dict[str, dict[str, Any]] = {
    "bayesian_logistic_regression": {"sizes": {"n": 6}, "seed": 1},
    "factor_analysis": {"sizes": {"D": 6}},
    "factor_analysis_learned_prior": {"sizes": {"D": 6}},
    "factorial_hmm": {"seed": 1},
    "gaussian_mixture": {"sizes": {"D": 2}},
    "hmm_categorical": {"seed": 1},
    "ica_generalised_normal": {"sizes": {"D": 4}},
    "local_level": {"sizes": {"T": 5}},
    "logistic_pca": {"sizes": {"D": 4}, "seed": 1},
    "student_t_distribution": {"seed": 1},
    "student_t_mixture": {"seed": 1},
    "vae_student_t": {"seed": 1},
}


#: Entropies of refuted models' densities, which have no family to derive them from.
ENTROPIES = {
    "cauchy_distribution": "log(4*pi*s)",
    "logistic_distribution": "log(s) + 2",
    "weibull_learned_shape": "EulerGamma*(1 - 1/k) + log(lam/k) + 1",
}


def enclose_instance(stem: str, proof: Proof) -> Enclosure:
    """The enclosure of a catalogue model, at the instance that is known to suit it."""
    known = {"attempts": 2, **INSTANCES.get(stem, {})}
    if stem not in ENTROPIES:
        return enclose(proof, **known)
    labels = {p.name: p.label for p in proof.model.parameters.values()}
    found = enclose(proof, **known, entropy_sum=-sp.sympify(ENTROPIES[stem], labels))
    return replace(found, gap=None, plain_gap=found.gap)
