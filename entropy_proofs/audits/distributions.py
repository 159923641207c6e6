"""Audits of what a training loop has at hand: distribution objects and samples of the latents.

Anything with `log_prob` and `entropy` serves: of torch.distributions, NumPyro, TensorFlow
Probability or distrax.  No library of them is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from entropy_proofs.document.blocks import Block
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array, real_array
from entropy_proofs.notebook.displays import Displayed, headed, table

_ERRORS = 3.0  # standard errors within which a gap is none


@dataclass(frozen=True)
class SampledAudit(Displayed):
    """F, S and F - S of given samples, in nats per data point, with Monte Carlo errors.

    Attributes:
        elbo: E_q[log p(x|z) + log p(z)] + H[q], E_q over the samples.
        entropy_sum: H[q] - H[p(z)] - E_q[H[p(x|z)]].
        terms: {"prior", "observable"}: E_q[log p] + H, of which the gap consists; both vanish
            where F is stationary, if the model's criterion holds.
        elbo_error, gap_error: standard errors over the samples z, data points held; with one sample
            each they contain the spread of the data points too.

    >>> import entropy_proofs as ep
    >>> import torch
    >>> from torch.distributions import Normal
    >>> q = Normal(torch.zeros(2, 1), torch.ones(2, 1))
    >>> x, z = torch.tensor([[1.0], [-1.0]]), torch.tensor([[1.0], [-1.0]])
    >>> found = ep.audit_distributions(q=q, prior=Normal(0.0, 1.0), observable=q, x=x, z=z)
    >>> abs(round(found.gap, 6)), found.points  # both second moments are the variances
    (0.0, 2)
    """

    elbo: float
    entropy_sum: float
    terms: Mapping[str, float]
    elbo_error: float
    gap_error: float
    points: int
    samples: int

    @property
    def gap(self) -> float:
        """F - S."""
        return self.elbo - self.entropy_sum

    @property
    def reading(self) -> str:
        """One line of what it says."""
        shown = f"F - S = {self.gap:.2g} ± {self.gap_error:.1g}"
        largest = max(self.terms, key=lambda name: abs(self.terms[name]))
        if abs(self.terms[largest]) > _ERRORS * self.gap_error:
            return f"not stationary: {shown}, most of it in the {largest}'s scale"
        return f"as at a stationary point, within its error: {shown}"

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain numbers."""
        return {
            "elbo": self.elbo,
            "entropy_sum": self.entropy_sum,
            "gap": self.gap,
            "terms": dict(self.terms),
            "elbo_error": self.elbo_error,
            "gap_error": self.gap_error,
            "reading": self.reading,
        }

    def __repr__(self) -> str:
        return f"<Audit of {self.points} data points, {self.samples} samples each: {self.reading}>"

    def _blocks(self) -> tuple[Block, ...]:
        rows = [
            ("F", f"{self.elbo:.6f} ± {self.elbo_error:.1e}"),
            ("S", f"{self.entropy_sum:.6f}"),
            ("F - S", f"{self.gap:+.1e} ± {self.gap_error:.1e}"),
            *((f"of the {name}", f"{value:+.1e}") for name, value in self.terms.items()),
        ]
        said = headed("Audit of samples", f": {self.reading}")
        return (said, table(("In nats per data point", ""), rows))


def audit_distributions(*, q: Any, prior: Any, observable: Any, x: Any, z: Any) -> SampledAudit:
    """F, its sum of entropies and their difference, for the distributions that a loop has made.

    F - S is v·∇F, of the derivative that lets scales grow: large on a plateau far from an optimum,
    and zero, within its error, at a stationary point.  That asks for a model whose scales are
    learned (or whose latents may flow), as `prove` of its declaration tells.

    Args:
        q: q(z|x), for N data points.
        prior: p(z), for one data point or for all N.
        observable: p(x|z) at the samples z, or a function of z that gives it.
        x: the data (N, ...).
        z: samples of q: (N, ...), or several of each, (S, N, ...).

    Raises:
        InputError: an object has no log_prob or entropy, shapes do not go together, or a number is
            not finite; the message names it.

    Two normals; the observable's variance is 1, where the data ask for 9:

    >>> import entropy_proofs as ep
    >>> import torch
    >>> from torch.distributions import Normal
    >>> x = torch.full((1000, 3), 3.0)
    >>> q = Normal(torch.zeros(1000, 1), torch.ones(1000, 1))
    >>> z = q.sample((4,))
    >>> p = Normal(torch.zeros(3), torch.ones(3))
    >>> found = ep.audit_distributions(q=q, prior=Normal(0.0, 1.0), observable=p, x=x, z=z)
    >>> round(found.terms["observable"])  # 3/2 (1 - 9)
    -12
    """
    data, samples = real_array("x", x), real_array("z", z)
    if data.ndim < 1 or not data.size:
        raise InputError(f"x: is empty, of shape {data.shape}")
    points = len(data)
    several = samples.ndim == _rank(q, points) + 1
    lead = samples.shape[:2] if several else samples.shape[:1]
    if not lead or lead[-1] != points or not samples.size:
        raise InputError(f"z: has shape {samples.shape}, but x has {points} data points")
    if callable(observable) and not hasattr(observable, "log_prob"):
        observable = observable(z)
    width = prod(samples.shape[len(lead) :])
    size = prod(data.shape[1:])

    def log_density(name: str, of: Any, at: Any, width: int) -> Array:
        return _of_points(name, "log_prob", _called(name, of, "log_prob", at), lead, width)

    def entropy(name: str, of: Any, lead: tuple[int, ...], width: int) -> Array:
        return _of_points(name, "entropy", _called(name, of, "entropy"), lead, width // _event(of))

    entropy_q = entropy("q", q, (points,), width)
    log_prior = log_density("prior", prior, z, width)
    log_observable = log_density("observable", observable, x, size)
    entropy_prior = entropy("prior", prior, lead, width)
    entropy_x = entropy("observable", observable, lead, size)
    terms = {"prior": log_prior + entropy_prior, "observable": log_observable + entropy_x}
    for name, values in {**terms, "q": entropy_q}.items():
        if not np.isfinite(values).all():
            raise InputError(f"{name}: its log_prob or entropy is not finite")
    joint = log_prior + log_observable
    known = float(entropy_q.mean())
    return SampledAudit(
        elbo=float(joint.mean()) + known,
        entropy_sum=known - float((entropy_prior + entropy_x).mean()),
        terms={name: float(values.mean()) for name, values in terms.items()},
        elbo_error=_standard_error(joint, several),
        gap_error=_standard_error(terms["prior"] + terms["observable"], several),
        points=points,
        samples=lead[0] if several else 1,
    )


def _rank(q: Any, points: int) -> int:
    """How many axes one sample of all data points has."""
    shapes: list[Any] = [getattr(q, f"{part}_shape", None) for part in ("batch", "event")]
    if any(shape is None for shape in shapes):
        raise InputError("q: has no batch_shape and event_shape; it is no distribution")
    batch, event = (tuple(s() if callable(s) else s) for s in shapes)
    if not batch or batch[0] != points:
        raise InputError(f"q: has batch shape {batch}, but x has {points} data points")
    return len(batch) + len(event)


def _event(distribution: Any) -> int:
    """How many coordinates one entropy is of."""
    shape = getattr(distribution, "event_shape", ())
    return prod(shape() if callable(shape) else shape) or 1


def _called(name: str, distribution: Any, method: str, *arguments: Any) -> Array:
    function = getattr(distribution, method, None)
    if function is None:
        raise InputError(f"{name}: has no {method}; it is no distribution")
    try:
        return real_array(f"{name}.{method}", function(*arguments))
    except NotImplementedError:
        kind = type(distribution).__name__
        raise InputError(f"{name}: {kind} has no {method} in closed form") from None
    except (ValueError, RuntimeError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name}: {method} fails: {error}") from None


def _of_points(name: str, method: str, values: Array, lead: tuple[int, ...], width: int) -> Array:
    """The sum over coordinates, for each sample and data point.

    An entropy that is one number for a coordinate counts `width` times, since it stands for all of
    them; `width` numbers are those of the coordinates.
    """
    if method == "entropy" and 1 < width == values.size and values.ndim == 1:
        return np.full(lead, float(values.sum()))
    if values.ndim >= len(lead) and all(
        n in {1, m} for n, m in zip(values.shape, lead, strict=False)
    ):
        found = values.reshape(*values.shape[: len(lead)], -1).sum(-1)
        return np.broadcast_to(found, lead)
    if len(lead) == 2 and values.ndim >= 1 and values.shape[0] in {1, lead[1]}:
        return np.broadcast_to(values.reshape(len(values), -1).sum(-1), lead)
    if values.ndim == 0:
        return np.full(lead, float(values) * (width if method == "entropy" else 1))
    raise InputError(f"{name}: {method} has shape {values.shape}, which is not {lead} or finer")


def _standard_error(values: Array, several: bool) -> float:
    """Of the mean over samples (S, N), the data points being what they are."""
    if several and len(values) > 1:
        return float(np.sqrt(values.var(axis=0, ddof=1).sum() / len(values)) / values.shape[1])
    flat = np.ravel(values)
    return float(flat.std(ddof=1) / np.sqrt(flat.size)) if flat.size > 1 else float("inf")


class GapCurve(Displayed):
    """Audits along training: a callback for plain loops and for trainers of Lightning's kind.

    Args:
        distributions: gives the arguments of `audit_distributions`; of a trainer's module if it
            takes one.  Without it, `record` is called with them.

    Attributes:
        history: {"step", "elbo", "entropy_sum", "gap", "gap_error", "prior", "observable"}: a list
            each, one entry for every audit.

    In a loop, with JAX and optax as with PyTorch:

    >>> import entropy_proofs as ep
    >>> import torch
    >>> from torch.distributions import Normal
    >>> curve, x, scale = ep.GapCurve(), torch.randn(200, 2), torch.tensor(3.0)
    >>> for step in range(3):
    ...     q = Normal(torch.zeros(200, 1), torch.ones(200, 1))
    ...     p = Normal(torch.zeros(200, 2), scale)
    ...     _ = curve.record(step, q=q, prior=Normal(0.0, 1.0), observable=p, x=x, z=q.sample())
    ...     scale = x.std()
    >>> [round(abs(term)) for term in curve.history["observable"]]
    [1, 0, 0]
    """

    def __init__(self, distributions: Callable[..., Mapping[str, Any]] | None = None):
        self._distributions = distributions
        self.audits: list[SampledAudit] = []
        self.steps: list[int] = []

    def record(self, step: int, **distributions: Any) -> SampledAudit:
        """Audit what is given, or else what `distributions` gives, and keep it."""
        given = distributions or (self._distributions() if self._distributions else None)
        if not given:
            raise InputError("GapCurve: no distributions are given to record")
        found = audit_distributions(**given)
        self.steps.append(int(step))
        self.audits.append(found)
        return found

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        """What Lightning calls after each epoch; `distributions` is called with the module."""
        if self._distributions is None:
            raise InputError("GapCurve: give it a function of the module to audit its epochs")
        self.record(trainer.current_epoch, **self._distributions(module))

    @property
    def history(self) -> dict[str, list[float]]:
        """The audits by column."""
        columns = "elbo", "entropy_sum", "gap", "gap_error"
        found: dict[str, list[float]] = {"step": list(map(float, self.steps))}
        found |= {name: [float(getattr(a, name)) for a in self.audits] for name in columns}
        terms = "prior", "observable"
        return found | {name: [a.terms[name] for a in self.audits] for name in terms}

    def __repr__(self) -> str:
        last = f", now {self.audits[-1].reading}" if self.audits else ""
        return f"<GapCurve of {len(self.audits)} audits{last}>"

    def _blocks(self) -> tuple[Block, ...]:
        rows = [
            (
                str(step),
                f"{a.elbo:.6f}",
                f"{a.entropy_sum:.6f}",
                f"{a.gap:+.1e} ± {a.gap_error:.1e}",
            )
            for step, a in zip(self.steps, self.audits, strict=True)
        ]
        said = headed("F - S along training", f": {len(rows)} audits, the last ten of them")
        return (said, table(("Step", "F", "S", "F - S"), rows[-10:]))

    def plot(self, *files: Any, kind: str | None = None) -> None:
        """Draw F and S by step, and below them the gap with its error.

        Args:
            files: names that end in .svg, .png or .pdf, or open binary files.
            kind: "svg", "png" or "pdf", where no name tells it.
        """
        from entropy_proofs.export.figure import draw_gap

        draw_gap(self.history, *files, kind=kind)
