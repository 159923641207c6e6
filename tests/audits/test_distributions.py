"""Audits of distribution objects against F, S and the gap by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch.distributions import Independent, MultivariateNormal, Normal

import entropy_proofs as ep

N, H, D = 40, 2, 3


@pytest.fixture
def vae():
    torch.manual_seed(0)
    m, s = torch.randn(N, H), torch.rand(N, H) + 0.5
    x, W = torch.randn(N, D), torch.randn(H, D)
    q = Normal(m, s)
    z = q.sample((5,))
    prior = Normal(torch.zeros(H), torch.ones(H))
    return SimpleNamespace(q=q, prior=prior, observable=Normal(z @ W, 0.7), x=x, z=z, W=W)


def given(vae, **changed):
    return {n: getattr(vae, n) for n in ("q", "prior", "observable", "x", "z")} | changed


def test_f_s_and_gap_by_scipy(vae):
    found = ep.audit_distributions(**given(vae))
    z, x, W = (np.asarray(a, dtype=float) for a in (vae.z, vae.x, vae.W))
    log_prior = norm.logpdf(z).sum(-1)
    log_x = norm(z @ W, 0.7).logpdf(x).sum(-1)
    entropies = norm(0, np.asarray(vae.q.stddev, float)).entropy().sum(-1)
    elbo = float((log_prior + log_x).mean() + entropies.mean())
    total = float(entropies.mean() - H * norm.entropy() - D * norm(0, 0.7).entropy())
    assert found.elbo == pytest.approx(elbo, rel=1e-6)
    assert found.entropy_sum == pytest.approx(total, rel=1e-6)
    assert sum(found.terms.values()) == pytest.approx(found.gap, abs=1e-9)
    errors = (log_prior + log_x).std(axis=0, ddof=1) / np.sqrt(5)
    assert found.elbo_error == pytest.approx(np.sqrt((errors**2).sum()) / N, rel=1e-6)


def numbers(found: ep.SampledAudit) -> list[float]:
    return [found.elbo, found.entropy_sum, found.elbo_error, found.gap_error, *found.terms.values()]


def test_events_and_functions_of_z_give_the_same(vae):
    plain = numbers(ep.audit_distributions(**given(vae)))
    independent = {"q": Independent(vae.q, 1), "prior": Independent(vae.prior, 1)}
    joint = MultivariateNormal(torch.zeros(H), torch.eye(H))

    def decode(z):
        return Independent(Normal(z @ vae.W, 0.7), 1)

    for changed in (
        independent,
        {"prior": joint},
        {"observable": decode},
        {"prior": Normal(0.0, 1.0)},
    ):
        found = numbers(ep.audit_distributions(**given(vae, **changed)))
        assert found == pytest.approx(plain, rel=1e-5)


def test_the_error_covers_the_gap_of_many_samples(vae):
    """Of twenty estimates, at least eighteen lie within three of their errors."""
    many = vae.q.sample((4000,))
    exact = ep.audit_distributions(**given(vae, z=many, observable=Normal(many @ vae.W, 0.7))).gap
    inside = 0
    for _ in range(20):
        z = vae.q.sample((5,))
        found = ep.audit_distributions(**given(vae, z=z, observable=Normal(z @ vae.W, 0.7)))
        inside += abs(found.gap - exact) <= 3 * found.gap_error
    assert inside >= 18


def test_a_stationary_scale_leaves_no_term(vae):
    residual = (vae.x - vae.z @ vae.W).square().mean().sqrt()
    found = ep.audit_distributions(**given(vae, observable=Normal(vae.z @ vae.W, residual)))
    assert abs(found.terms["observable"]) < 1e-5


def test_one_sample_each_is_enough(vae):
    one = vae.z[0]
    found = ep.audit_distributions(**given(vae, z=one, observable=Normal(one @ vae.W, 0.7)))
    assert found.samples == 1
    assert found.gap_error > ep.audit_distributions(**given(vae)).gap_error


class NoEntropy:
    batch_shape, event_shape = (N,), (H,)

    def log_prob(self, z):
        return np.zeros(N)

    def entropy(self):
        raise NotImplementedError


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"prior": NoEntropy()}, "prior: NoEntropy has no entropy"),
        ({"q": object()}, "q: "),
        ({"prior": object()}, "prior: has no log_prob"),
        ({"x": torch.zeros(0, D)}, "x: is empty"),
        ({"z": torch.zeros(3, 7, H)}, "z: has shape"),
        ({"x": torch.zeros(N - 1, D)}, "q: has batch shape"),
        ({"x": torch.full((N, D), float("nan"))}, "observable"),
    ],
)
def test_what_does_not_go_together(vae, changed, said):
    with pytest.raises(ep.InputError, match=said) as raised:
        ep.audit_distributions(**given(vae, **changed))
    assert "\n" not in str(raised.value)


def test_a_curve_keeps_what_it_is_given(vae, tmp_path):
    curve = ep.GapCurve(lambda module: given(module))
    curve.on_train_epoch_end(SimpleNamespace(current_epoch=4), vae)
    curve.record(5, **given(vae))
    assert curve.history["step"] == [4, 5]
    assert curve.history["gap"][0] == curve.history["gap"][1]
    curve.plot(tmp_path / "gap.svg")
    assert (tmp_path / "gap.svg").stat().st_size > 1000
    with pytest.raises(ep.InputError, match="no distributions"):
        ep.GapCurve().record(0)
