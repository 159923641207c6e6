"""Some of the catalogue's models: for what costs much and, over all models, shows little more.

Together they have every family with every choice of its arguments, every domain, support and shape
of a conditional, chains, networks and weights (test_spread.py sees to it), and some that were hard
before.  `make test-long` tries all models in their place.
"""

from __future__ import annotations

import os

from entropy_proofs import Model
from entropy_proofs.model import catalogue

LONG = os.environ.get("ENTROPY_PROOFS_TESTS") == "long"
SPREAD = (
    "beta_mixture", "cauchy_distribution", "correlated_topic_model", "diffusion_chain",
    "dirichlet_mixture", "eight_schools", "exponential_regression", "gamma_poisson", "gaussian_mixture",
    "gaussian_mixture_fixed_weights", "gaussian_process_classification", "hmm_gaussian",
    "hmm_poisson", "ica_generalised_normal", "latent_dirichlet_allocation",
    "mixture_of_ppca", "multinomial_mixture", "normal_inverse_gamma", "ppca", "ppca_fixed_prior",
    "sigmoid_belief_network_deep",
    "sparse_coding_annealed", "student_t_distribution", "vae_1", "von_mises_mixture",
    "dawid_skene", "geometric_mixture", "group_factor_analysis", "hurdle_poisson",
    "inverse_gaussian_mixture", "log_normal_mixture", "stochastic_frontier",
    "zero_inflated_poisson",
    "autoregressive_hmm", "hidden_semi_markov", "local_level_diffuse",
    # hard ones
    "factor_analysis", "linear_dynamical_system", "matrix_factorisation", "noisy_or",
    "sparse_coding_spike_and_slab", "stochastic_block_model", "vae_hierarchical",
)  # fmt: skip
MODELS = tuple(catalogue.names()) if LONG else tuple(sorted(SPREAD))
#: Together they call whatever generated code of any model calls; `codegen/` sees to it.
CALLS = (
    "correlated_topic_model", "diffusion_chain", "gaussian_process_classification",
    "ica_generalised_normal", "multinomial_mixture", "vae_1", "von_mises_mixture",
)  # fmt: skip


def features(model: Model) -> frozenset[str]:
    """What a model is made of."""
    found = {f"{min(len(model.latents()), 3)} latents"}
    for term in model.terms:
        role = "observed" if model.variables[term.variable].observed else "latent"
        family = type(term.family).__name__
        found |= {
            f"{family}({', '.join(sorted(term.family.arguments()))})",
            f"{role}, {term.support}",
            f"{len(term.plates)} plates, {len(term.event)} axes of an event",
        }
        chains = {part.variable for part in term.aliases.values()}
        back = sum(part.variable == term.variable for part in term.aliases.values()) - 1
        found |= {f"{len(chains)} chains, {back} steps back"} if chains else set()
        found |= {"a network"} if "phi_" in str(term.log_density) else set()
        found |= {"weights"} if term.weight != 1 else set()
    for p in model.parameters.values():
        found.add(f"{'fixed' if p.fixed else 'learned'}, {p.domain}, {len(p.shape)} axes")
    return frozenset(found)
