"""`compile`: a proof's functions of arrays, for any sizes, over batches of any length."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from functools import partial
from math import prod
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.code import backends
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.code.tuning import tuned
from entropy_proofs.document.blocks import Block, Code
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.admission import admitted, is_known, places, whole
from entropy_proofs.evaluate.batch import POINTS, SAMPLES, WEIGHTS, AnalyticBatch, Batch
from entropy_proofs.evaluate.chunks import looped, number_of_points, scanned
from entropy_proofs.evaluate.model_code import ELBO, ProofCode
from entropy_proofs.evaluate.random_values import number
from entropy_proofs.model.model import Model
from entropy_proofs.notebook.displays import Displayed, displayed, headed, table
from entropy_proofs.notebook.statements import BOUND, SUM
from entropy_proofs.printing.formula import Formula, relation
from entropy_proofs.printing.symbols import Names
from entropy_proofs.proof.record import ProofRecord, check_proof
from entropy_proofs.q.best import best, start
from entropy_proofs.q.factor import Factor
from entropy_proofs.spelling import none_of

# Bytes of a chunk's largest array. Where code makes larger arrays than it is given, they are to
# stay in the cache; otherwise NumPy gains, since it need not ask the system for memory each time.
KEPT = {"numpy": 3 << 20, "jax": 4 << 20}
STREAMED = {"numpy": 2 << 20}
LARGE = 1 << 17  # elements; for arrays of this size it is worth while to compile JAX code twice
EXPECTATIONS = ("samples", "analytic", "quadrature")
COVARIANCES = ("diagonal", "full")
CHAINS = ("independent", "markov")

Shape = tuple[int, ...]


class Functions(Displayed):
    """F, S, F - S, ∇F and v·∇F of a proof, as functions of arrays; all in nats per data point.

    Every function takes the arrays by name, as keywords or as one mapping (names such as "z.mean"
    are no keywords); `arguments` lists them with their shapes.  Sizes are read off the arrays; one
    that no array shows is an argument too.
    With expectation="samples" a latent is an array (N, S, ...) of samples, shared by F, S and ∇F;
    their "weights" (N, S) are 1/S if not given, and F and S leave H[q] out.  Otherwise q is given
    by its own arrays, and F and S contain H[q].

    Attributes:
        arguments: name -> shape; "N" is the number of data points, "S" of samples.
    """

    def __init__(self, code: ProofCode, chunk: int | None, uniform: ProofCode | None = None):
        self._code = code
        self._chunk = None if chunk is None else whole("chunk", chunk)
        self._uniform = uniform or code  # for samples without weights
        self._shapes = {label.name: shape for label, shape in code.batch.shapes().items()}
        self._compound = {
            name
            for name, shape in self._shapes.items()
            if not all(isinstance(n, Symbol) for n in shape)
        }
        by_point = (name for name, shape in self._shapes.items() if shape[:1] == (POINTS,))
        self._by_point = frozenset(by_point).__contains__
        self._dims = code.model.dims_
        self._rule = code.batch.rule()
        self._places = places(code.batch)
        undeclared = code.batch.undeclared if isinstance(code.batch, AnalyticBatch) else {}
        self._tied = [
            (q, {suffix: q.label(suffix).name for suffix in q.domains})
            for q in undeclared.values()
            if type(q).untied is not Factor.untied
        ]
        self._last: dict[str, Any] = {}  # small arrays that passed, by name
        self._seen: tuple[dict[str, Shape] | None, dict[str, int]] = None, {}  # shapes and sizes
        self._plain: Functions | None = None  # with any q, where one is declared
        self._conjugate = False  # whether it was seen that q has a closed form
        self._compiled: dict[Any, Callable[[dict[str, Any]], dict[str, Any]]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_compiled": {}}

    @property
    def arguments(self) -> dict[str, tuple[Expr, ...]]:
        shown = {POINTS: Symbol("N"), SAMPLES: Symbol("S")}
        return {
            name: tuple(sp.sympify(n).xreplace(shown) for n in shape)
            for name, shape in self._shapes.items()
            if name not in self._rule
        }

    def __repr__(self) -> str:
        taken = ", ".join(f"{name} {_shape(shape)}" for name, shape in self.arguments.items())
        return f"<Functions of {self._code.model.name!r} for {self._code.backend}: {taken}>"

    def _names(self) -> Names:
        return self._code.model.names()

    def _blocks(self) -> tuple[Block, ...]:
        rows = ((Code(name), Code(_shape(shape))) for name, shape in self.arguments.items())
        return (
            headed(self._code.model.name, f": F, S, F - S, ∇F and v·∇F for {self._code.backend}"),
            displayed(*self._formulas()),
            table(("Argument", "Shape"), (((name,), (shape,)) for name, shape in rows)),
        )

    def _formulas(self) -> tuple[Formula, ...]:
        """What the functions compute, H[q] apart where q is given by samples."""
        proof = self._code.proof
        return (
            relation(BOUND, "=", proof.elbo),
            relation(SUM, "=", proof.entropy_sum),
        )

    def elbo(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """F."""
        return self._averaged("elbo", arrays, named)

    def entropy_sum(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """S, what F equals at stationary points."""
        return self._averaged("entropy_sum", arrays, named)

    def gap(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """F - S."""
        return self._averaged("gap", arrays, named)

    def directional_derivative(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """v·∇F, along the field on the parameters and the flow on q; it equals F - S."""
        return self._averaged("directional_derivative", arrays, named)

    def value_and_gradient(
        self,
        arrays: Mapping[str, Any] | None = None,
        *,
        wrt: Collection[str] | None = None,
        **named: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """F, and dF/d of every learned parameter and every array of q, by name.

        Elements of an array are varied independently, those of a symmetric matrix too.

        Args:
            wrt: the names of those that are wanted, if not all.
        """
        values, sizes = self._given(arrays, named)
        for name in wrt or ():
            if name not in self._code.gradient_outputs:
                known = ", ".join(self._code.gradient_outputs)
                raise InputError(f"{name}: no gradient with respect to it; choose from {known}")
        found = self._averages("gradients", values, sizes, wrt)
        return found.pop(ELBO), found

    def gradient(
        self,
        arrays: Mapping[str, Any] | None = None,
        *,
        wrt: Collection[str] | None = None,
        **named: Any,
    ) -> dict[str, Any]:
        """The second part of `value_and_gradient`."""
        return self.value_and_gradient(arrays, wrt=wrt, **named)[1]

    def optimal_q(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> dict[str, Any]:
        """The arrays of q where F is largest, for the given parameters and data, in closed form.

        Each latent's q becomes its posterior given the others' q, in turn until nothing changes
        (coordinate ascent, Bishop 2006, eq. 10.9). With one latent, or independent ones, that is
        the exact posterior and F the log evidence; mixtures get their responsibilities. Computed in
        float64. Arrays of q that are given are where it starts.

        Raises:
            InputError: q is given by samples; or a latent's posterior is not of q's family, as it
                is in a conjugate model.
        """
        batch = self._code.batch
        if not isinstance(batch, AnalyticBatch):
            raise InputError("optimal_q: q is given by samples; use expectation='analytic'")
        values, sizes = self._given(arrays, named, optional=batch.variational())
        if batch.declared:
            return self._optimal_declared(batch, values)
        begun = self._some_q(batch, sizes)
        own = {n: np.asarray(values.get(n, a), dtype=float) for n, a in begun.items()}
        each = float(self._code.per_q_weight(sizes[POINTS.name], sizes, values))

        def slopes(q: dict[str, Any], names: set[str]) -> dict[str, Any]:
            found = self._averages("gradients", {**values, **q}, sizes, names)
            return {n: each * np.asarray(found[n], dtype=float) for n in names}

        convert = backends.backend(self._code.backend).load().convert
        found = best(batch.factors, own, slopes, self._conjugate)
        self._conjugate = True
        return {n: convert(a) for n, a in found.items()}

    def _some_q(self, batch: AnalyticBatch, sizes: Mapping[str, int]) -> dict[str, Any]:
        """Arrays of q to begin with."""
        names = batch.variational()
        shapes = {n: [int(number(k, sizes)) for k in self._shapes[n]] for n in names}
        return start(batch.factors, shapes)

    def _optimal_declared(self, batch: AnalyticBatch, values: dict[str, Any]) -> dict[str, Any]:
        """Of a declared q, whose parameters follow from the arrays of its factors."""
        parameters = batch.model.variational_.parameters
        bare = {
            (label, suffix): own.bare(suffix, parameters)
            for label, own in batch.declared.items()
            for suffix in own.arguments
        }
        for (label, _), p in bare.items():
            if p is None:
                raise InputError(
                    f"optimal_q: q of {label} has no parameters of each data point to be solved for"
                )
        if self._plain is None:
            plain = AnalyticBatch(batch.model, *batch.options, declared=False)
            code = ProofCode(self._code.proof, self._code.backend, plain)
            self._plain = Functions(code, self._chunk)
        names = {p.name for p in bare.values() if p is not None}
        found = self._plain.optimal_q({n: v for n, v in values.items() if n not in names})
        for (label, suffix), p in bare.items():
            own = batch.declared[label]
            assert p is not None
            array = found.pop(own.factor.label(suffix).name)
            found[p.name] = own.arguments[suffix][1].back(array)
        return found

    # inputs -----------------------------------------------------------------------------------
    def _averaged(self, what: str, arrays: Mapping[str, Any] | None, named: dict[str, Any]) -> Any:
        return self._averages(what, *self._given(arrays, named))[what]

    def _averages(
        self,
        what: str,
        values: dict[str, Any],
        sizes: dict[str, int],
        wrt: Collection[str] | None = None,
    ) -> dict[str, Any]:
        """A method of `ProofCode`, on all data points or on some at once."""
        code = self._code_for(values)
        values = {name: v for name, v in values.items() if name not in self._dims}

        def average(part: dict[str, Any]) -> dict[str, Any]:
            own = {**sizes, POINTS.name: number_of_points(self._by_point, part)}
            if what == "gradients":
                return dict(code.gradients(own, part, wrt))
            found = getattr(code, what)(own, part)
            return found if isinstance(found, dict) else {what: found}

        points = sizes[POINTS.name]
        rows = self._chunk or self._rows(self._kernel(code, what, wrt), values, sizes)
        large = any(prod(np.shape(v)) >= LARGE for v in values.values())
        if code.backend == "jax" and not self._chunk and (large or rows < points):
            chosen = None if wrt is None else frozenset(wrt)
            key = what, chosen, code is self._code, rows, *sorted(sizes.items())
            if key not in self._compiled:
                parts = partial(scanned, average, self._by_point, rows)
                self._compiled[key] = tuned(parts if rows < points else average)
            convert = backends.backend("jax").load().convert
            return dict(self._compiled[key]({n: convert(v) for n, v in values.items()}))
        if rows >= points:
            return average(values)
        return looped(average, self._by_point, rows, values, code.backend)

    def _kernel(self, code: ProofCode, what: str, wrt: Collection[str] | None) -> Kernel:
        """What takes the time."""
        own = getattr(code, f"{what}_kernel", None)
        return code.gradient_kernel(wrt) if own is None else own

    def _rows(self, kernel: Kernel, values: dict[str, Any], sizes: dict[str, int]) -> int:
        """How many data points at once are fast."""
        points = sizes[POINTS.name]
        by_point = [np.shape(v) for n, v in values.items() if self._by_point(n)]
        if kernel.backend not in KEPT or not by_point:
            return points
        width = kernel.width(sizes, POINTS.name)
        larger = width > 2 * max(prod(shape[1:]) for shape in by_point)
        room = (KEPT if larger else STREAMED).get(kernel.backend)
        return max(1, int(room / 8 / width)) if room else points

    def _given(
        self,
        arrays: Mapping[str, Any] | None,
        named: dict[str, Any],
        optional: Container[str] = (),
    ) -> tuple[dict[str, Any], dict[str, int]]:
        """The arrays, checked, and the sizes that they show."""
        values = {**(arrays or {}), **named}
        shapes = {name: self._shape_of(name, value) for name, value in values.items()}
        rule = self._code.batch.rule(exact=True) if self._code.exact else self._rule
        seen, sizes = self._seen
        if shapes != seen:
            self._check_names(shapes, optional)
            sizes = self._sizes(values | rule)
            if not optional and not values.keys() & self._dims.keys():
                self._seen = shapes, sizes
        arrays = {name: value for name, value in values.items() if name not in self._dims}
        values |= admitted(arrays, self._places, sizes, self._chunk, self._last)
        self._check_tied(values)
        return values | rule, sizes

    def _check_names(self, shapes: Mapping[str, Shape], optional: Container[str]) -> None:
        """Raises InputError for what is no argument, is missing, or has another number of axes."""
        taken = self._shapes.keys() - self._rule.keys()
        unknown = sorted(shapes.keys() - taken - self._dims.keys())
        if unknown:
            raise InputError(f"{unknown[0]}: not an argument; they are {', '.join(self.arguments)}")
        for name in taken:
            if name not in shapes and name not in optional and name != WEIGHTS.name:
                raise InputError(f"{name}: not given")
        for name, shape in shapes.items():
            if name in taken and len(shape) != len(self._shapes[name]):
                shown = ", ".join(map(str, self.arguments[name]))
                raise InputError(f"{name}: an array of shape ({shown}) is wanted, not of {shape}")

    def _check_tied(self, values: Mapping[str, Any]) -> None:
        """Raises InputError if arrays of q, each in its domain, are of no distribution together."""
        if self._code.exact:
            return
        for q, names in self._tied:
            own: dict[str, Any] = {suffix: values.get(name) for suffix, name in names.items()}
            given = all(a is not None and is_known(a) for a in own.values())
            fault = q.untied({s: np.asarray(a) for s, a in own.items()}) if given else ""
            if fault:
                raise InputError(f"{q.variable.name}: the arrays of q are of no one chain: {fault}")

    @staticmethod
    def _shape_of(name: str, value: Any) -> Shape:
        try:
            return np.shape(value)
        except ValueError:  # nested lists of different lengths
            raise InputError(f"{name}: is not an array of numbers") from None

    def _code_for(self, values: Mapping[str, Any]) -> ProofCode:
        return self._code if WEIGHTS.name in values else self._uniform

    def _sizes(self, values: Mapping[str, Any]) -> dict[str, int]:
        """The dims that the arrays' shapes show; every array must agree."""
        sizes = {name: whole(name, values[name]) for name in self._dims if name in values}
        found = {name: np.shape(values[name]) for name in self._shapes if name in values}
        for name, shape in found.items():
            for n, size in zip(self._shapes[name], shape, strict=True):
                if not isinstance(n, Symbol):
                    continue
                if not size:
                    raise InputError(f"{name}: is empty, of shape {shape}")
                if sizes.setdefault(n.name, size) != size:
                    raise InputError(f"{name}: {n} is {size} here, but {sizes[n.name]} elsewhere")
        for name in self._compound & found.keys():
            for n, size in zip(self._shapes[name], found[name], strict=True):
                if not isinstance(n, Symbol) and {s.name for s in symbols_in(n)} <= sizes.keys():
                    wanted = int(number(n, sizes))
                    if wanted != size:
                        raise InputError(f"{name}: {n} is {wanted}, but the array has {size}")
        unseen = sorted(self._dims.keys() - sizes.keys())
        if unseen:
            raise InputError(f"{unseen[0]}: no array shows this size, so it must be given")
        return {POINTS.name: 1, SAMPLES.name: 1, **sizes}


def _shape(shape: tuple[Expr, ...]) -> str:
    return "number" if not shape else f"({', '.join(map(str, shape))})"


def compile(
    proof: ProofRecord,
    backend: str = "numpy",
    expectation: str = "samples",
    covariance: str = "diagonal",
    chunk: int | None = None,
    nodes: int = 32,
    chains: str = "independent",
) -> Functions:
    """F, S, F - S, ∇F and v·∇F of a proof as functions of arrays, for any sizes.

    Args:
        backend: "numpy", "jax", "torch" (all float64) or "mpmath" (the working precision).
        expectation: "samples": E_q is a weighted average over given samples, for any q;
            "analytic": in closed form: q normal of real latents, gamma, inverse gamma or (where a
            model calls for z and 1/z) log-normal of positive ones, beta in the unit interval,
            Dirichlet on the simplex, and probabilities of discrete ones;
            "quadrature": in closed form where there is one, else by Gauss-Hermite nodes over one
            or two affine functions of normal latents.
        covariance: of q of real latents: "diagonal", or "full" for vectors.
        chunk: at most so many data points at once, which bounds the memory; by default NumPy and
            JAX take as many as are fast, and others all of them. For large arrays JAX code is
            compiled in two ways and the faster kept, on a CPU: they differ by rounding errors.
        nodes: of the quadrature, 1 to 128, for each affine function.
        chains: of q of latents over time: "independent" steps, or "markov": a chain of discrete
            states by its "probabilities" and "pairs" of neighbours, one of real states by its
            "mean", "covariance", "lag1" to the step before and "conditional" covariance given the
            steps after.  `optimal_q` finds it by forward-backward or the smoother, in time linear
            in the length: of one chain, F is then the log likelihood.

    F - S = v·∇F holds to rounding with each choice: nodes move along with q, and the identity holds
    at each.  With "quadrature" that asks that what cancels was averaged in one way; else it holds
    to the accuracy of the nodes.  They err where the integrand has a kink or outgrows a polynomial.

    The functions take arrays of any real dtype, as double precision. What is no value of the model
    is refused by name: not finite, outside of a domain or support, not normalised or symmetric,
    masked, or without data points. Probabilities of q may be 0 and 1, where 0 log 0 = 0. Arrays
    that JAX traces or PyTorch maps have no values yet and are not looked at, nor are lengths of
    unit columns. NumPy's functions take complex steps in what they can be differentiated by.

    Raises:
        InputError: an option is none of these, or an expectation has no closed form.

    A normal density with data x: F at variance 2, and by SciPy.

    >>> import numpy as np
    >>> from scipy.stats import norm
    >>> import entropy_proofs as ep
    >>> model = ep.Model("a normal")
    >>> s = model.parameter("s", domain="positive")
    >>> x = model.observed("x", ep.Normal(mean=0, variance=s))
    >>> functions = ep.compile(ep.prove(model))
    >>> data = np.array([1.0, 2.0, 4.0])
    >>> f"{functions.elbo(s=2.0, x=data):.6f} {norm(0, 2**0.5).logpdf(data).mean():.6f}"
    '-3.015512 -3.015512'
    """
    check_proof("compile", proof)
    batch = batch_for(proof.model, backend, expectation, covariance, nodes, chains=chains)
    backends.backend(backend).load()
    uniform = ProofCode(proof, backend, unweighted(batch))
    return Functions(ProofCode(proof, backend, batch), chunk, uniform)


def unweighted(batch: Batch) -> Batch:
    """For samples that count alike."""
    return batch if isinstance(batch, AnalyticBatch) else Batch(batch.model, weighted=False)


def batch_for(
    model: Model,
    backend: str,
    expectation: str,
    covariance: str,
    nodes: int = 32,
    use: str = "compile",
    chains: str = "independent",
) -> Batch:
    """The batch that the options of `compile` ask for, or those of another use of code.

    Raises:
        InputError: an option is unknown, or an expectation has no closed form.
    """
    for name, value, known in (
        ("backend", backend, backends.serving(use)),
        ("expectation", expectation, EXPECTATIONS),
        ("covariance", covariance, COVARIANCES),
        ("chains", chains, CHAINS),
    ):
        if value not in known:
            raise InputError(f"{name} {none_of(value, known)}")
    if expectation == "samples":
        return Batch(model)
    rule = nodes if expectation == "quadrature" else None
    batch = AnalyticBatch(model, covariance, rule, chains)
    assert batch.log_joint is not None  # an expectation without closed form shows here
    return batch
