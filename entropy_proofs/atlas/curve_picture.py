"""The gap curve as SVG for a place inside a page; its colours are the page's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from entropy_proofs.atlas.gap_curve import DrawnCurve
from entropy_proofs.document import escape

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 14, 66  # room for the letters of a narrow screen too
_TICKS = 5  # at most, of the vertical axis


def picture(curve: DrawnCurve, title: str) -> str:
    """F, S and where they meet; the bytes depend on the numbers to a tenth of a pixel.

    >>> curve = DrawnCurve((-1.0, 0.0, 1.0), (0.0, 1.0, 0.0), (-1.0, 1.0, 3.0), 1, 0.0)
    >>> picture(curve, "ELBO")[:38]
    '<svg viewBox="0 0 640 260" role="img" '
    """
    low, high = _limits(curve)
    x = _scale(curve.at[0], curve.at[-1], _LEFT, _WIDTH - _RIGHT)
    y = _scale(low, high, _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" class="curve">',
        f"<title>{escape.html(title)}</title>",
    ]
    base = _HEIGHT - _BOTTOM
    for tick in _ticks(low, high):
        at = f"{y(tick):.1f}"
        parts.append(f'<path class="grid" d="M{_LEFT} {at}H{_WIDTH - _RIGHT}"/>')
        label = f"{tick:g}".replace("-", "−")
        parts.append(f'<text x="{_LEFT - 8}" y="{at}" dy=".32em" class="end">{label}</text>')
    for time in (-1, -0.5, 0, 0.5, 1):
        label = f"{time:g}".replace("-", "−")
        parts.append(f'<text x="{x(time):.1f}" y="{base}" dy="1.3em" class="middle">{label}</text>')
    parts.append(
        f'<text x="{x(0):.1f}" y="{base}" dy="2.5em" class="middle">'
        "time along the field (upward: nats per data point)</text>"
    )
    clip = (_TOP, _HEIGHT - _BOTTOM)
    parts.append(_line("sum", [x(t) for t in curve.at], [y(v) for v in curve.entropy_sum], clip))
    parts.append(_line("elbo", [x(t) for t in curve.at], [y(v) for v in curve.elbo], clip))
    if curve.meeting is not None:
        t, f = x(curve.at[curve.meeting]), y(curve.elbo[curve.meeting])
        parts.append(f'<circle cx="{t:.1f}" cy="{f:.1f}" r="4.5"/>')
    return "".join([*parts, "</svg>"])


def _limits(curve: DrawnCurve) -> tuple[float, float]:
    """All of F, and of S what is not much further away."""
    elbo, entropy_sum = np.array(curve.elbo), np.array(curve.entropy_sum)
    span = max(np.ptp(elbo), 0.25 * np.ptp(entropy_sum))
    low = max(min(elbo.min(), entropy_sum.min()), elbo.min() - span)
    high = min(max(elbo.max(), entropy_sum.max()), elbo.max() + span)
    margin = 0.06 * (high - low)
    return float(low - margin), float(high + margin)


def _scale(low: float, high: float, first: float, last: float) -> Callable[[float], float]:
    return lambda value: first + (value - low) / (high - low) * (last - first)


def _ticks(low: float, high: float) -> Sequence[float]:
    """Round numbers between both."""
    rough = (high - low) / _TICKS
    base = 10 ** np.floor(np.log10(rough))
    step = next(base * m for m in (1, 2, 5, 10) if base * m >= rough)
    return [
        round(float(k * step), 10) + 0.0
        for k in range(int(np.ceil(low / step)), int(high / step + 1e-9) + 1)
        if low <= k * step <= high
    ]


def _line(name: str, xs: Sequence[float], ys: Sequence[float], clip: tuple[float, float]) -> str:
    """A line through the points, cut off at the frame."""
    top, bottom = clip
    shown: list[str] = []
    before: tuple[float, float] | None = None
    for px, py in zip(xs, ys, strict=True):
        inside = top <= py <= bottom
        if before is not None and inside != (top <= before[1] <= bottom):
            edge = top if min(py, before[1]) < top else bottom
            share = (edge - before[1]) / (py - before[1])
            cut = before[0] + share * (px - before[0])
            shown.append(f"{'M' if inside else 'L'}{cut:.1f} {edge:.1f}")
        if inside:
            shown.append(f"{'L' if shown else 'M'}{px:.1f} {py:.1f}")
        before = px, py
    return f'<path class="{name}" d="{"".join(shown)}"/>'
