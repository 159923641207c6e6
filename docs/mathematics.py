r"""LaTeX in pages becomes MathML as they are built: they need no script and fetch nothing."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

_END = "</math>"
_ENVIRONMENTS = {"aligned", "bmatrix", "cases", "matrix", "pmatrix"}
_THIN = '<mspace width="0.1667em" />'
_COMMAND, _LONG = re.compile(r"\\[a-zA-Z]+|[{}\s]"), 25  # signs that are seen, on one line
_SLASH = '<mo lspace="0" rspace="0">&#x0002F;</mo>'
#: A function's name after a factor, and before what is not in brackets: there TeX leaves a space.
_NAME = "<mi>(?:log|exp|det|div|tr|sin|cos)</mi>"
_AFTER = re.compile(rf"</m(?:i|n|sub|sup|subsup|frac)>(?={_NAME})")
_BEFORE = re.compile(rf"{_NAME}(?=<m(?:i|n|sub|sup|frac|row)\b)")


def mathml(latex: str, display: str = "inline") -> str:
    r"""The MathML of a formula, with its LaTeX as annotation.

    >>> mathml("x").removeprefix('<math display="inline"><semantics><mrow>')
    '<mi>x</mi></mrow><annotation encoding="application/x-tex">x</annotation></semantics></math>'

    Raises:
        ValueError: a command or environment that is not known and would be shown as it is written.
    """
    if other := set(re.findall(r"\\begin\{([\w*]+)\}", latex)) - _ENVIRONMENTS:
        raise ValueError(f"environment {min(other)!r} in {latex!r} is not known")
    body = convert(latex, display=display)
    body = body.removeprefix(
        f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="{display}">'
    )
    body = _BEFORE.sub(r"\g<0>" + _THIN, _AFTER.sub(r"\g<0>" + _THIN, body))
    body = body.replace("<mo>&#x0002F;</mo>", _SLASH).replace("<mi>;</mi>", "<mo>;</mo>")
    if unknown := re.search(r"<m[a-z]+[^>]*>(\\\w*)</m", body):
        raise ValueError(f"{unknown[1]} in {latex!r} is not known")
    source = latex.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    annotation = f'<annotation encoding="application/x-tex">{source}</annotation>'
    return (
        f'<math display="{display}"><semantics>{body.removesuffix(_END)}'
        f"{annotation}</semantics>{_END}"
    )


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def lines(latex: str) -> list[str]:
    r"""A displayed formula in parts, between which a line may end: before + and - of the outside.

    >>> lines(r"a + \left(b - c\right)")  # short enough
    ['a + \\left(b - c\\right)']
    >>> lines(r"abcdefghijklmnopqrstuvwxyz + \left(b - c\right) - d^{e + f} - ABCDEF")
    ['abcdefghijklmnopqrstuvwxyz', '+ \\left(b - c\\right)', '- d^{e + f}', '- ABCDEF']
    """
    if len(_COMMAND.sub("", latex)) < _LONG or re.search(r"\\begin|&|\\\\(?![a-zA-Z])", latex):
        return [latex]
    depth, ends = 0, [0]
    for found in re.finditer(r"\\.|[{(\[})\]]| [-+] ", latex):
        depth += (found[0] in "{([") - (found[0] in "})]")
        if len(found[0]) == 3 and depth == 0 and found.start():
            ends.append(found.start() + 1)
    return [latex[i:j].strip() for i, j in pairwise([*ends, len(latex)])]


def _block(writer: Any, node: nodes.math_block) -> None:
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    writer.displayed = getattr(writer, "displayed", 0) + 1  # of one page
    (address, *_) = node["ids"] or [f"formula-{writer.displayed}"]
    start = writer.starttag(node, "div", CLASS="math", ids=[] if node["ids"] else [address])
    first, *rest = lines(node.astext())
    shown = mathml(first, "block") if not rest else _displayed(first, *rest)
    link = f'<a class="headerlink" href="#{address}">#</a>'
    writer.body.append(f"{start}{number}{shown}{link}</div>\n")
    raise nodes.SkipNode


def _displayed(*parts: str) -> str:
    """A sum in parts; the space before each tells MathML that there is something on its left."""
    first, *rest = map(mathml, parts)
    shown = first + "".join(part.replace("<mrow>", f"<mrow>{_THIN}", 1) for part in rest)
    return shown.replace("<math ", '<math displaystyle="true" ')


def setup(app: Any) -> dict[str, bool]:
    """Registers it with Sphinx as `html_math_renderer = "mathml"`."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
