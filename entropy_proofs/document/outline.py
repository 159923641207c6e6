"""Tables of contents: how deep they go, and what they lead to."""

from __future__ import annotations

from collections.abc import Sequence

from entropy_proofs.document.blocks import Block, Section

_MOST = 60  # lines of a table of contents, unless its first level has more


def depth_of_contents(blocks: Sequence[Block]) -> int:
    """The levels of sections that a table of contents shows: as many as are not too long.

    >>> inner = Section(("b",), ())
    >>> depth_of_contents((Section(("a",), (inner,)),))
    2
    >>> depth_of_contents((Section(("a",), (inner,) * 100),))
    1
    """
    depth, listed = 0, 0
    level = _sections(blocks)
    while level and (depth == 0 or listed + len(level) <= _MOST):
        depth, listed = depth + 1, listed + len(level)
        level = [inner for section in level for inner in _sections(section.blocks)]
    return depth


def addressed(blocks: Sequence[Block], above: str = "section") -> list[tuple[Block, str]]:
    """The blocks, sections with the address that leads to them: their label, or their number.

    >>> [address for _, address in addressed((Section(("a",), ()), Section(("b",), (), "b")))]
    ['section-1', 'b']
    """
    found: list[tuple[Block, str]] = []
    number = 0
    for block in blocks:
        number += isinstance(block, Section)
        own = block.label or f"{above}-{number}" if isinstance(block, Section) else ""
        found.append((block, own))
    return found


def _sections(blocks: Sequence[Block]) -> list[Section]:
    return [block for block in blocks if isinstance(block, Section)]
