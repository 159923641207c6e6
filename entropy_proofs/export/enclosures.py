"""The table of certified enclosures: one row per model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from entropy_proofs.document.blocks import Block, Code, Document, Items, Paragraph, Row, Table

if TYPE_CHECKING:
    from entropy_proofs.enclosures.enclosure_records import Ball, Enclosure

HEADINGS = ("Model", "Point", "Instance", "Unknowns", "F", "F - S", "F - plain sum")

#: Gaps that contain zero are reported as the first of these that bounds them.
BOUNDS = (1e-40, 1e-25)

INTRODUCTION = (
    "Of each model a small instance: a stationary point is proved to exist in a box (Krawczyk's "
    "test in ball arithmetic, on the gradient by all parameters and q unless said otherwise), and "
    "F - S is enclosed on the whole box, in nats per data point. ",
    Code("0 ± 1e-40"),
    " is a ball around zero that encloses F - S. Where the plain sum of entropies fails, F minus "
    'it is enclosed too, by a ball that excludes zero. N counts data points, "pinned" the '
    "coordinates along which a symmetry leaves F flat: F's derivatives by them are proved to "
    'vanish exactly or, where "enclosed" is said, only to within 1e-25.',
)


def enclosure_table(found: Iterable[tuple[str, Enclosure]]) -> Document:
    """A table of (verdict, enclosure), and below it what could not be certified."""
    rows = list(found)
    table = Table(HEADINGS, tuple(_row(e) for _, e in rows if e.existence_proved))
    missing = tuple((f"{e.model} ({v}): {e.reason}",) for v, e in rows if not e.existence_proved)
    pinned = sum(e.existence_proved and bool(e.pinned) for _, e in rows)
    proved = sum(e.existence_proved and bool(e.pinned) and e.flatness_proved for _, e in rows)
    counts = (
        f"{len(rows) - len(missing)} of {len(rows)} models have a point that is proved to exist; "
        f"F - S = 0 is certified at {sum(e.certified for _, e in rows)}. "
        f"F' by pinned coordinates is proved to vanish at {proved} of {pinned} points with any."
    )
    blocks: list[Block] = [Paragraph(INTRODUCTION), Paragraph((counts,)), table]
    if missing:
        blocks += [Paragraph(("No point was proved to exist for",)), Items(missing)]
    return Document("Certified enclosures", tuple(blocks))


def _row(e: Enclosure) -> Row:
    dims = {k: n for k, n in e.sizes.items() if k not in {"data points", "samples"}}
    sizes = ", ".join(f"{k}={n}" for k, n in {**dims, "N": e.sizes["data points"]}.items())
    how = "pinned" if e.flatness_proved else "pinned, enclosed"
    pinned = f" ({len(e.pinned)} {how})" if e.pinned else ""
    kind = e.kind or "unclassified"
    within = "" if e.stationary_in == "all parameters and q" else f", in {e.stationary_in}"
    elbo = "" if e.elbo is None else f"{float(e.elbo.mid):.4f}"
    shown = (
        e.model,
        f"{kind}{within}",
        sizes,
        f"{e.unknowns}{pinned}",
        elbo,
        _shown(e.gap),
        _shown(e.plain_gap),
    )
    return Row(tuple(((text,),) if text else () for text in shown))


def _shown(ball: Ball | None) -> str:
    """Digits that agree between machines."""
    if ball is None:
        return ""
    if not ball.contains_zero:
        return f"{float(ball.mid):.4f}"
    return next((f"0 ± {b:.0e}" for b in BOUNDS if ball.radius < b), f"0 ± {ball.radius:.0e}")
