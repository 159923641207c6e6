r"""Docstrings of the package, which are plain text, as the markup that Sphinx reads."""

from __future__ import annotations

import re
from dataclasses import is_dataclass
from typing import Any

from sphinx.ext.napoleon import Config, GoogleDocstring

from entropy_proofs.notebook.displays import Displayed

_ARGUMENT = re.compile(r"[a-z_]\w*(?:, [a-z_]\w*)*: ")
_TEXT = re.compile(r"`[^`]*`|\|")  # code, which stays, or a bar
_SECTIONS = Config(napoleon_use_rtype=False)


def marked(lines: list[str]) -> list[str]:
    r"""The lines with |x| as text, and a paragraph of `name: what` as a section of arguments.

    >>> marked(["The |x| of `|x|`.", "", "low: the least", "    number."])
    ['The \\|x\\| of `|x|`.', '', 'Args:', '    low: the least', '        number.']
    """
    shown: list[str] = []
    for paragraph in _paragraphs(lines):
        if paragraph[0].lstrip().startswith(">>> "):
            shown += [*paragraph, ""]
            continue
        text = [_TEXT.sub(lambda m: m[0] if m[0] != "|" else r"\|", line) for line in paragraph]
        if all(_ARGUMENT.match(line) for line in text if not line.startswith(" ")):
            text = ["Args:", *(f"    {line}" for line in text)]
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
    text = marked(lines)
    what = "function" if what == "property" else what
    lines[:] = [*GoogleDocstring(text, _SECTIONS, app, what, name, of, options).lines(), ""]


def _signature(
    app: Any, what: str, name: str, of: Any, options: Any, signature: str, returned: str
) -> tuple[str, str] | None:
    """Records of results are not made by who reads of them."""
    made_here = what == "class" and is_dataclass(of) and issubclass(of, Displayed)
    return ("", returned) if made_here else None


def setup(app: Any) -> dict[str, bool]:
    """Reads the sections of docstrings in place of Sphinx's napoleon."""
    app.connect("autodoc-process-docstring", _process)
    app.connect("autodoc-process-signature", _signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
