"""What the results' expressions consist of beside SymPy's own classes.

`proof.elbo`, `proof.entropy_sum`, `proof.stationarity` and the like are SymPy expressions in the
model's symbols: `subs`, `diff`, `doit` (which computes sums and determinants once sizes are
numbers) and `sympy.lambdify` work.  H[q] and the expectations are numbers of their own, to be
substituted or to be arguments of the lambdified function:

>>> import sympy
>>> from entropy_proofs import Model, Normal, prove
>>> from entropy_proofs.expressions import VariationalEntropy
>>> model = Model("one latent")
>>> v, s = (model.parameter(name, domain="positive") for name in "vs")
>>> z = model.latent("z", Normal(mean=0, variance=v))
>>> x = model.observed("x", Normal(mean=z, variance=s))
>>> bound = prove(model).entropy_sum
>>> (h,) = bound.atoms(VariationalEntropy)
>>> f = sympy.lambdify([v, s, h], bound)
>>> round(float(f(1.0, 0.5, 1.4)), 4)
-1.0913

`eval(sympy.srepr(expression))` is the expression again where the names of SymPy and of this module
are known.
"""

from entropy_proofs.algebra.nodes import (
    DataAverage,
    Det,
    Expectation,
    HiddenUnit,
    HiddenUnitDerivative,
    InverseElement,
    LogDet,
    Sum,
    VariationalEntropy,
)
from entropy_proofs.arrays.array import Array

__all__ = [
    "Array",
    "DataAverage",
    "Det",
    "Expectation",
    "HiddenUnit",
    "HiddenUnitDerivative",
    "InverseElement",
    "LogDet",
    "Sum",
    "VariationalEntropy",
]
