"""What a certificate says: balls in decimals, and where they were found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from flint import arb

from entropy_proofs.document.blocks import Block, Paragraph
from entropy_proofs.notebook.displays import Displayed, headed, table

SMALL = 1e-25  # radius of a ball that counts as a point, in nats


@dataclass(frozen=True)
class Ball:
    """A real interval: a number that it encloses lies within `radius` of `mid`.

    Attributes:
        text: the ball in decimals, an enclosure itself.
        mid: the midpoint's digits.
        radius: an upper bound of the radius.
        contains_zero: whether 0 lies in it; if not, the enclosed number is proved not to be zero.
    """

    text: str
    mid: str
    radius: float
    contains_zero: bool

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Enclosure(Displayed):
    """What was proved about F - S at a stationary point, in nats per data point.

    Attributes:
        sizes: of the instance, with "data points" and "samples".
        dataset: which data.
        stationary_in: with respect to what the point is stationary.
        unknowns: how many coordinates the stationary point has.
        seed: which attempt this was.
        pinned: coordinates held fixed, since F is flat along a continuous symmetry.  Existence is
            proved for the others; `pinned_gradient` encloses F's derivatives by these: zero, to
            within 1e-25.
        flatness_proved: whether these derivatives were proved to be exactly zero at the point
            (`certify.symmetries` says how), or there are none.
        existence_proved: whether Krawczyk's test proved that the box contains a stationary point,
            with respect to all coordinates but the pinned ones where flatness was not proved.
        box: coordinate -> the ball that it lies in (logarithms of scales, logits of probabilities).
        kind: "maximum", "saddle" or "minimum", by proved signs of the Hessian; "" if they are open.
        elbo: F with H[q].
        gap: F - S for the sum that was proved (a partial one for a partial proof; None if nothing
            was proved) or that was given.
        plain_gap: where the plain sum of entropies is another and has a closed form, F minus it.
        reason: why no existence was proved.

    >>> import entropy_proofs as ep
    >>> found = ep.enclose(ep.prove(ep.load("exponential_regression")))
    >>> found.certified
    True
    """

    model: str
    sizes: Mapping[str, int]
    dataset: str
    stationary_in: str
    unknowns: int
    seed: int = 0
    pinned: tuple[str, ...] = ()
    existence_proved: bool = False
    box: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    elbo: Ball | None = None
    gap: Ball | None = None
    plain_gap: Ball | None = None
    pinned_gradient: tuple[Ball, ...] = ()
    flatness_proved: bool = False
    reason: str = ""

    @property
    def contains_zero(self) -> bool:
        """Whether a point was proved to exist and its gap's ball contains 0."""
        return self.existence_proved and self.gap is not None and self.gap.contains_zero

    @property
    def certified(self) -> bool:
        """Whether F - S = 0 was enclosed to within 1e-25 at a point proved to exist."""
        return self.contains_zero and self.gap is not None and self.gap.radius < SMALL

    def __repr__(self) -> str:
        return f"<Enclosure for {self.model!r} on {self.dataset}: {self._said()}>"

    def _said(self) -> str:
        if not self.existence_proved:
            return f"no existence proved, {self.reason}"
        gap = "" if self.gap is None else f", F - S in {self.gap}"
        return f"a {self.kind or 'stationary point'} exists{gap}"

    def _blocks(self) -> tuple[Block, ...]:
        named = {"F": self.elbo, "F - S": self.gap, "F - plain sum": self.plain_gap}
        balls = [(name, str(ball)) for name, ball in named.items() if ball is not None]
        sizes = ", ".join(f"{name} = {n}" for name, n in self.sizes.items())
        return (
            headed(self.model, f" on {self.dataset}: {self._said()}"),
            Paragraph((f"stationary in {self.stationary_in}; {sizes}",)),
            *([table(("In nats per data point", "Enclosed in"), balls)] if balls else []),
        )

    def as_dict(self) -> dict[str, Any]:
        """All of it as a dict, for JSON."""
        return {**asdict(self), "contains_zero": self.contains_zero, "certified": self.certified}


def ball(x: arb, digits: int) -> Ball:
    radius = float(x.rad().upper()) * (1 + 1e-15)
    return Ball(x.str(digits), x.mid().str(digits, radius=False), radius, bool(x.contains(0)))
