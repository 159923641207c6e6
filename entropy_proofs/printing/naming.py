"""Arrays by their names: W for W[d, h], Sigma[c] for Sigma[c, i, j]."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Indexed, Sum, Symbol, Tuple

from entropy_proofs.arrays.array import Array
from entropy_proofs.arrays.written_out import as_one
from entropy_proofs.printing.layout import arranged, index_for, names_in
from entropy_proofs.printing.symbols import sliced


def at_named_indices(array: Array) -> tuple[tuple[Symbol, ...], Expr]:
    """An array's generic element, at indices named after its sizes."""
    taken = names_in(array.args[0])
    chosen: list[Symbol] = []
    for size in array.shape:
        chosen.append(index_for(size, taken | {i.name for i in chosen}))
    return tuple(chosen), arranged(as_one(array.at(*chosen), chosen))


def whole(element: Expr, indices: Sequence[Symbol]) -> Expr | None:
    """An expression of whole arrays, whose element this is: W for W[d, h], W^T for W[h, d].

    None if the indices are used in any other way than as the last of an array each.
    """
    own = tuple(indices)
    bare: dict[Expr, Expr] = {}
    for entry in element.atoms(Indexed):
        rest, last = entry.indices[: -len(own)], entry.indices[-len(own) :]
        if not Tuple(*entry.indices).has(*own):
            continue
        if Tuple(*rest).has(*own) or last not in {own, own[::-1]}:
            return None
        name = entry.base[rest] if rest else entry.base.label
        ranges = [f":{n}" for n in sliced(entry.base.label, last)]
        if ranges:
            name = Symbol(f"{entry.base.label}[{', '.join([*map(str, rest), *ranges])}]")
        turned = last != own and not entry.base.label.assumptions0.get("symmetric")
        bare[entry] = Symbol(f"{name}^T") if turned else name
    found = element.xreplace(bare)
    return None if found.has(*own) or found.has(Sum) else found
