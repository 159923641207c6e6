"""What an audit found, and how it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum
from typing import Any

from entropy_proofs.document.blocks import Block
from entropy_proofs.notebook.displays import Displayed, headed, listed, table

TOLERANCE = 3e-4  # nats per data point that may be left to gain
_SHOWN = 12  # shares in text
_SEEN = 1e-9  # nats that are told from rounding


@dataclass(frozen=True)
class Audit(Displayed):
    """Whether a fitted model stands at a stationary point, and if not, where it can still gain.

    In nats per data point of the model: a row, a sequence, or all of a regression's targets at
    once.  Reading it: `to_gain` decides; the shares say where, and are of first order, so that a
    share of 1e-2 may stand for 1e-4 nats.

    Attributes:
        estimator: the class that was audited, or the name of the file with the parameters.
        model: the catalogue model that it is.
        elbo, entropy_sum, gap: F, S and F - S; q is the best one, so F is the log likelihood
            wherever the posterior has a closed form.
        predicted_gap: v·∇F, which equals the gap.
        shares: {the estimator's own name of a block: its part of v·∇F}, tangential on constrained
            blocks; they add up to `predicted_gap`.
        regularisers: {option: the part of the gap that it leaves}.
        total_share: the sum of the absolute shares, with the regularisers split off.
        to_gain: what is left to gain, by exact updates and Aitken's extrapolation; None if it was
            not estimated.
        steps: how many steps that took, and of which kind.
        at_least: whether these gained more and more, so that `to_gain` is what they gained alone.
        tolerance: `stationary` is `to_gain` at most this for each row.
        rows: how many rows the data have, and `points` how many data points of the model.
        left_out: what the model does not say of the estimator.
        unshared: {block: its share without the regularisers}.

    >>> import entropy_proofs as ep
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.decomposition import PCA
    >>> X = load_wine().data
    >>> found = ep.audit(PCA(2).fit(X), X, quick=True)
    >>> f"{found.gap:.6f} {found.regularisers['N - 1']:.6f}"  # 13 columns, 178 rows: 13/356
    '0.036517 0.036517'
    """

    estimator: str
    model: str
    elbo: float
    entropy_sum: float
    gap: float
    predicted_gap: float
    shares: Mapping[str, float]
    regularisers: Mapping[str, float]
    to_gain: float | None
    steps: str
    tolerance: float
    rows: int
    points: int
    at_least: bool = False
    left_out: tuple[str, ...] = ()
    unshared: Mapping[str, float] = field(default_factory=dict, repr=False)

    @property
    def total_share(self) -> float:
        """The sum of the absolute shares, regularisers split off."""
        return fsum(map(abs, self.unshared.values()))

    @property
    def stationary(self) -> bool | None:
        """Whether what is left to gain is below the tolerance; None if it was not estimated."""
        if self.to_gain is None:
            return None
        return self.to_gain * self.points <= self.tolerance * self.rows

    @property
    def reading(self) -> str:
        """One line of what it says."""
        where = self._where()
        if self.stationary is None:
            return f"not decided: what is left to gain was not estimated{where and f'; {where}'}"
        if not self.stationary:
            about = "at least" if self.at_least else "about"
            gain = f"not converged: {about} {self.to_gain:.2g} nats to gain"
            return f"{gain}, {where}" if where else gain
        left = [f"{name} ({nats:.2g})" for name, nats in self.regularisers.items()
                if abs(nats) > max(_SEEN, 1e-3 * self.tolerance)]  # fmt: skip
        if left:
            return f"stationary but for {', '.join(left)}"
        return f"stationary: F - S = {self.gap:.1g}, {self.to_gain:.1g} nats to gain"

    def _where(self) -> str:
        """Which block has the shares, once the regularisers are split off."""
        total = self.total_share
        if not total > _SEEN:
            return ""
        name, share = max(self.unshared.items(), key=lambda item: abs(item[1]))
        most = "most of the shares" if abs(share) > total / 2 else "the largest share"
        return f"{most} in {name}"

    def as_dict(self) -> dict[str, Any]:
        """The record that `audit --json` prints."""
        return {
            "model": self.model,
            "elbo": self.elbo,
            "entropy_sum": self.entropy_sum,
            "gap": self.gap,
            "predicted_gap": self.predicted_gap,
            "shares": dict(self.shares),
            "total_share": self.total_share,
            "regularisers": dict(self.regularisers),
            "to_gain": self.to_gain,
            "stationary": self.stationary,
            "reading": self.reading,
        }

    # shown ------------------------------------------------------------------------------------
    def __repr__(self) -> str:
        return f"<Audit of {self.estimator} as {self.model!r}: {self.reading}>"

    def __str__(self) -> str:
        width = max(map(len, ("F - S", *self._ranked(), *self.regularisers)))
        lines = [f"{self.estimator} as {self.model}: {self.reading}", "", f"In {self._unit()}"]
        lines += [f"  {name:{width}}  {value}" for name, value in self._numbers()]
        left = {"Shares of v·∇F": self._ranked(), "Left by regularisers": self.regularisers}
        for title, rows in left.items():
            if rows:
                lines += ["", title]
                lines += [f"  {name:{width}}  {value:+.1e}" for name, value in rows.items()]
        if hidden := len(self.shares) - len(self._ranked()):
            lines.append(f"  and {hidden} smaller ones")
        lines += [""] * bool(self.left_out) + [f"Leaves out {said}" for said in self.left_out]
        return "\n".join(lines)

    def _unit(self) -> str:
        if self.points == self.rows:
            return "nats per data point"
        if self.points == 1:
            return f"nats, of all {self.rows} rows together"
        return f"nats for each of {self.points} sequences, which have {self.rows} rows in all"

    def _numbers(self) -> list[tuple[str, str]]:
        gain = "not estimated" if self.to_gain is None else f"{self.to_gain:.1e}"
        taken = f" ({self.steps})" if self.steps else ""
        return [
            ("F", f"{self.elbo:.6f}"),
            ("S", f"{self.entropy_sum:.6f}"),
            ("F - S", f"{self.gap:+.1e}"),
            ("v·∇F", f"{self.predicted_gap:+.1e}"),
            ("to gain", f"{gain}{taken}"),
        ]

    def _ranked(self) -> dict[str, float]:
        """The largest shares, in the order of the blocks."""
        largest = sorted(self.shares, key=lambda n: -abs(self.shares[n]))[:_SHOWN]
        return {name: self.shares[name] for name in self.shares if name in largest}

    def _blocks(self) -> tuple[Block, ...]:
        largest = max(map(abs, self.shares.values()), default=0.0) or 1.0
        shares = [
            (name, f"{value:+.1e}", "█" * round(12 * abs(value) / largest))
            for name, value in self._ranked().items()
        ]
        left = [(name, f"{value:+.1e}") for name, value in self.regularisers.items()]
        found: list[Block] = [headed(f"{self.estimator} as {self.model}", f": {self.reading}")]
        found.append(table(("In " + self._unit(), ""), self._numbers()))
        if shares:
            found.append(table(("Share of v·∇F", "nats", ""), shares))
        if left:
            found.append(table(("Left by", "nats"), left))
        return (*found, *listed("Leaves out", self.left_out))

    def plot(self, *files: Any, kind: str | None = None) -> None:
        """Draw the shares as bars, the regularisers beside them.

        Args:
            files: names that end in .svg, .png or .pdf, or open binary files.
            kind: "svg", "png" or "pdf", where no name tells it.
        """
        from entropy_proofs.export.figure import draw_shares

        title = f"{self.estimator}: {self.reading}"
        draw_shares(self.shares, self.unshared, title, self._unit(), *files, kind=kind)
