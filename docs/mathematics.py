r"""LaTeX in pages becomes MathML as they are built: they need no script and fetch nothing."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert

_END = "</math>"
_ENVIRONMENTS = {"aligned", "bmatrix", "cases", "matrix", "pmatrix"}
_THIN = '<mspace width="0.1667em" />'
_SLASH = '<mo lspace="0" rspace="0">&#x0002F;</mo>'
#: A function's name before what is not in brackets, where TeX leaves a space.
_SPACED = re.compile(r"<mi>(?:log|exp|det|div|tr|sin|cos)</mi>(?=<m(?:i|n|sub|sup|frac|mrow)\b)")


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
    body = _SPACED.sub(r"\g<0>" + _THIN, body)
    body = body.replace("<mo>&#x0002F;</mo>", _SLASH)
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


def _block(writer: Any, node: nodes.math_block) -> None:
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    start = writer.starttag(node, "div", CLASS="math")
    writer.body.append(f"{start}{number}{mathml(node.astext(), 'block')}</div>\n")
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Registers it with Sphinx as `html_math_renderer = "mathml"`."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
