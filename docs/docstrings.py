r"""Docstrings of the package, which are plain text, as the markup that Sphinx reads."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import is_dataclass
from inspect import signature
from typing import Any

from sphinx.ext.napoleon import Config, GoogleDocstring

from entropy_proofs.notebook.displays import Displayed

_TEXT = re.compile(r"`[^`]*`|[|\\]")  # code, which stays, or what is markup outside of it
_SECTIONS = Config(napoleon_use_ivar=True, napoleon_use_rtype=False)


def marked(lines: list[str], arguments: Collection[str] = ()) -> list[str]:
    r"""The lines with |x| as text, and a paragraph on arguments, `name: what`, as their section.

    >>> marked(["The |x| of `|x|`.", "", "low: the least", "number.", "high: 9"], ["low", "high"])
    ['The \\|x\\| of `|x|`.', '', 'Args:', '    low: the least', '        number.', '    high: 9']
    """
    shown: list[str] = []
    for paragraph in _paragraphs(lines):
        if paragraph[0].lstrip().startswith(">>> "):
            shown += [*paragraph, ""]
            continue
        text = [_TEXT.sub(lambda m: m[0] if m[0][0] == "`" else f"\\{m[0]}", p) for p in paragraph]
        starts = [line.partition(": ")[0] in arguments for line in text]
        if starts[0]:
            indents = ("    " if start else "        " for start in starts)
            text = ["Args:", *(i + line.strip() for i, line in zip(indents, text, strict=True))]
        shown += [*text, ""]
    return shown[:-1]


def _paragraphs(lines: list[str]) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [paragraph for paragraph in found if paragraph]


def _process(app: Any, what: str, name: str, of: Any, options: Any, lines: list[str]) -> None:
    # Read as a function's: of a property's docstring the words before a colon would be its type.
    text = marked(lines, signature(of).parameters if what in ("function", "method") else ())
    what = "function" if what == "property" else what
    lines[:] = [*GoogleDocstring(text, _SECTIONS, app, what, name, of, options).lines(), ""]


def _signature(
    app: Any, what: str, name: str, of: Any, options: Any, shown: str, returned: str
) -> tuple[str, str] | None:
    """Records of results are not made by who reads of them."""
    made_here = what == "class" and is_dataclass(of) and issubclass(of, Displayed)
    return ("", returned) if made_here else None


def setup(app: Any) -> dict[str, bool]:
    """Reads the sections of docstrings in place of Sphinx's napoleon."""
    app.connect("autodoc-process-docstring", _process)
    app.connect("autodoc-process-signature", _signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
