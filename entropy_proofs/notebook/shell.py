"""SymPy's expressions in IPython: those of models and proofs are shown as a paper writes them.

Results are plain SymPy expressions, whose own LaTeX has no notation for arrays and expectations
under q.  All others are shown as SymPy shows them.
"""

from __future__ import annotations

import sys
from typing import Any


def register() -> None:
    """Tell a running IPython; nothing happens where it was imported and does not run."""
    shell = sys.modules["IPython"].get_ipython()
    if shell is not None:
        formatter = shell.display_formatter.formatters["text/latex"]
        formatter.for_type_by_name("sympy.core.expr", "Expr", expression_latex)


def expression_latex(expr: Any) -> str | None:
    """What IPython shows of a SymPy expression."""
    from entropy_proofs.notebook.displays import latex_of
    from entropy_proofs.printing.formula import formula

    return latex_of(formula(expr)) if _is_ours(expr) else expr._repr_latex_()


def _is_ours(expr: Any) -> bool:
    """Whether it holds an array, a node that SymPy lacks, or an index of an array."""
    from entropy_proofs.algebra.nodes import ArrayNode, size_of_range
    from entropy_proofs.arrays.array import Array

    return expr.has(ArrayNode, Array) or any(
        size_of_range(s) is not None for s in expr.atoms() if s.is_Symbol
    )
