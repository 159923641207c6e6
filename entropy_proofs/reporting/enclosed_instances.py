"""The instances at which the catalogue's models are certified, where the usual ones don't do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from entropy_proofs.enclosures import draws
from entropy_proofs.enclosures.enclosure import enclose
from entropy_proofs.enclosures.enclosure_records import Enclosure

if TYPE_CHECKING:
    from entropy_proofs.proving.proof import Proof

#: The stem of a catalogue file -> arguments of `enclose`.  Drawn data keep the optimum away from
#: infinity; those with given moments make a Gaussian model fit exactly, so that what is flat can be
#: proved to be (`certify.symmetries`); other sizes and seeds avoid a collapse.
INSTANCES: dict[str, dict[str, Any]] = {
    "bayesian_logistic_regression": {"sizes": {"n": 6}, "data": draws.labels},
    "bayesian_pca": {"sizes": {"H": 1}, "field_only": True, "seed": 2},  # as factorisation
    "bernoulli_mixture": {"data": draws.bernoulli_groups},
    "correlated_topic_model": {"field_only": True},  # words that a topic never has go to zero
    "dawid_skene": {"data": draws.bernoulli_groups},
    "diffusion_chain": {"data": draws.correlated(3)},
    "exponential_mixture": {"data": draws.exponential_groups},
    "factor_analysis": {"data": draws.correlated(3)},
    "factor_analysis_learned_prior": {"data": draws.correlated(3)},
    "factorial_hmm": {"data": draws.two_chains, "seed": 1},
    "gamma_mixture": {"data": draws.positive_groups},
    "gaussian_mixture": {"sizes": {"D": 2}},
    "group_factor_analysis": {"sizes": {"H": 1}, "field_only": True},  # as in Bayesian PCA
    "hmm_categorical": {"seed": 1},
    "hmm_gaussian": {"data": draws.switching},
    "ica_generalised_normal": {"data": draws.laplace_sources},
    "latent_dirichlet_allocation": {"field_only": True},  # as in the correlated topic model
    "linear_dynamical_system": {"data": draws.two_steps},
    "local_level": {"data": draws.random_walk},
    "logistic_pca": {"sizes": {"D": 4}, "seed": 6},
    "matrix_factorisation": {"field_only": True},  # mean-field q lets u and v shrink to nothing
    "mixture_of_factor_analysers": {"data": draws.groups(8), "seed": 1},
    "mixture_of_ppca": {"data": draws.groups(8)},
    "mixture_of_unigrams": {"data": draws.words},
    "multinomial_mixture": {"sizes": {"n": 6}, "data": draws.counts},
    "noisy_or": {"data": draws.alarms},
    "poisson_factor_analysis": {"field_only": True},  # loadings run off to zero, as in NMF
    "ppca": {"data": draws.correlated(3)},
    "ppca_learned_prior": {"data": draws.correlated(3)},
    "probabilistic_cca": {"data": draws.two_views},
    "rasch": {"data": draws.answers},
    "relevance_vector_machine": {"data": draws.relevant},
    "robust_ppca": {"sizes": {"D": 4}},
    "sigmoid_belief_network": {"data": draws.sigmoid_beliefs},
    "sigmoid_belief_network_deep": {"sizes": {"D": 5}, "data": draws.deep_beliefs},
    "sparse_coding_annealed": {"seed": 2},
    "sparse_coding_spike_and_slab": {"data": draws.spikes_and_slabs, "seed": 2},
    "stochastic_block_model": {"data": draws.two_blocks},
    "student_t_distribution": {"data": draws.heavy_tails},
    "student_t_mixture": {"data": draws.heavy_tailed_groups},
    "student_t_scale_mixture": {"data": draws.random_scales, "seed": 2},
    "student_t_scale_mixture_shared": {"data": draws.random_scales},
    "two_parameter_item_response": {"data": draws.answers, "seed": 1},
    "vae_1": {"data": draws.along_a_line, "seed": 4},
    "vae_0": {"data": draws.along_a_line, "seed": 4},
    "vae_3": {"data": draws.along_a_curve, "seed": 3},
    "vae_bernoulli": {"data": draws.coins_of_a_line, "seed": 7},
    "vae_beta": {"data": draws.along_a_line},
    "vae_binary_latents": {"data": draws.binary_codes},
    "vae_gaussian_mixture_prior": {"data": draws.along_a_line, "seed": 10},
    "vae_student_t": {"data": draws.along_a_line, "seed": 4},
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
