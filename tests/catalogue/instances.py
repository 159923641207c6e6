"""One catalogue model at random numbers: the engine's results there, and the numeric language's log
densities with their derivatives along the engine's field and flow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from oracle.arithmetic import FLOATS
from oracle.expressions import Evaluator
from oracle.language import Model, Point, run
from oracle.numbers import slices

import entropy_proofs as ep
from entropy_proofs.model import catalogue
from entropy_proofs.model.model import ModelTerm

FOLDER = Path(__file__).parents[2] / "derivations"
NAMES = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))
STEP = 1e-30  # of the complex step: its error is the square of it
DATA, SAMPLES = 2, 2


@cache
def proof_of(name: str) -> Any:
    """The engine's proof."""
    return ep.prove(catalogue.load(name))


@dataclass(frozen=True)
class Sample:
    """The model at one data point and one sample of its latents.

    moved: D log p of every conditional, by complex step along field and flow.
    value: the engine's expressions here.
    """

    model: Model
    moved: dict[str, np.ndarray]
    value: Evaluator


class Instance:
    """A proof at random sizes, parameters, data and weighted samples.

    sizes: the range of all sizes.
    proof: in place of the engine's own.
    """

    def __init__(self, name: str, seed: int, sizes: tuple[int, int] = (2, 4), proof: Any = None):
        self.proof = proof or proof_of(name)
        self.path = FOLDER / f"{name}.py"
        rng = np.random.default_rng([seed, len(name), *name.encode()])
        declared, ample = self.proof.statement.sizes, self.proof.model.least_sizes()
        least = declared if sizes[0] == 1 else ample  # at which every conditional has a copy
        low = {d: max(sizes[0], least[d]) for d in self.proof.model.dims_}
        dims = {d: int(rng.integers(n, max(n, sizes[1]) + 1)) for d, n in low.items()}
        self.point = Point(rng, dims, self._whole())
        self.model = run(self.path, self.point)
        weights = rng.uniform(0.5, 1.5, (DATA, SAMPLES))
        self.weights = weights / weights.sum(axis=1, keepdims=True)

    def _whole(self) -> frozenset[str]:
        """Known constants that bound a support: they count trials."""
        bounds = [b for v in self.proof.model.variables.values() for b in v.support.bounds]
        used = set().union(*(b.free_symbols for b in bounds))
        return frozenset(p.name for p in self.proof.model.parameters.values() if p.label in used)

    # the engine's results -----------------------------------------------------------------------
    def evaluator(self, model: Model, arrays: dict[str, np.ndarray]) -> Evaluator:
        """Values of the engine's expressions at these arrays."""
        engine = self.proof.model
        known = {s: self.point.sizes[d] for d, s in engine.dims_.items()}
        known |= {p.label: arrays[p.name] for p in engine.parameters.values()}
        known |= {v.label: arrays[v.name] for v in engine.variables.values()}
        known |= slices(engine, arrays)

        def unit(name: str, k: int, inputs: list[list[Any]]) -> Any:
            vectors = [np.stack(np.broadcast_arrays(*vector), axis=-1) for vector in inputs]
            return model.hidden[name](vectors)[..., k]

        return Evaluator(known, FLOATS, unit)

    @cached_property
    def field(self) -> dict[str, np.ndarray]:
        """The engine's directions, by name of the parameter."""
        value = self.evaluator(self.model, self.point.arrays)
        identity = self.proof.identity
        return {
            c.label.name: elements(
                lambda at, c=c: value(c.element, dict(zip(c.slots, at, strict=True))),
                self.point.arrays[c.label.name].shape,
            )
            for c in (identity.field if identity else ())
        }

    @cached_property
    def flows(self) -> dict[str, float]:
        """The rates of the flows, by name of the latent."""
        value = self.evaluator(self.model, self.point.arrays)
        identity = self.proof.identity
        return {f.variable: float(value(f.rate)) for f in (identity.flows if identity else ())}

    @cached_property
    def shifts(self) -> dict[str, np.ndarray]:
        """The shifts of the flows, by name of the latent."""
        value = self.evaluator(self.model, self.point.arrays)
        identity = self.proof.identity
        return {
            f.variable: elements(
                lambda at, f=f: value(f.shift, dict(zip(f.slots, at, strict=False))),
                self.point.arrays[f.variable].shape,
            )
            for f in (identity.flows if identity else ())
        }

    def flowing(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """How latents with these values move."""
        return {k: rate * arrays[k] + self.shifts[k] for k, rate in self.flows.items()}

    def served(self, term: ModelTerm) -> Any:
        """The term's identity, or None if it stays."""
        identity = self.proof.identity
        found = identity.terms if identity else ()
        return next((t for t in found if t.conditional.name == term.name), None)

    # numbers ------------------------------------------------------------------------------------
    def sample(self, point: Point) -> Sample:
        model = run(self.path, point)
        shift: dict[str, Any] = {k: 1j * STEP * v for k, v in self.field.items()}
        shift |= {k: 1j * STEP * v for k, v in self.flowing(point.arrays).items()}
        moved = run(self.path, point.at(shift)).terms
        derivative = {k: np.imag(v) / STEP for k, v in moved.items()}
        return Sample(model, derivative, self.evaluator(model, point.arrays))

    @cached_property
    def as_sample(self) -> Sample:
        """The point itself."""
        return self.sample(self.point)

    @cached_property
    def samples(self) -> list[list[Sample]]:
        """[data point][sample], all at the same parameters."""
        latents, observeds = self.model.latents, self.model.observeds
        found = []
        for _ in range(DATA):
            datum = self.point.sample([*latents, *observeds])
            run(self.path, datum)
            draws = [datum.sample(latents) for _ in range(SAMPLES)]
            found.append([self.sample(d) for d in draws])
        return found

    def divergence(self, variable: str) -> float:
        """div u of a variable's flow, over all of its coordinates."""
        return self.flows.get(variable, 0.0) * self.point.arrays[variable].size

    def coordinate_divergence(self, term: ModelTerm) -> float:
        """div u over the coordinates that one copy of the term owns."""
        array = self.point.arrays[term.variable]
        event = array.shape[array.ndim - len(term.event) :]
        return self.flows.get(term.variable, 0.0) * float(np.prod(event))

    def elbo(self) -> float:
        """F without H[q], by scipy."""
        weight = self.model.weight
        return self._average(lambda s: sum(weight(k) * t.sum() for k, t in s.model.terms.items()))

    def elbo_slope(self) -> float:
        """F's derivative, H[q] included, along field and flow."""
        weight = self.model.weight
        slope = self._average(lambda s: sum(weight(k) * t.sum() for k, t in s.moved.items()))
        return slope + weight("q") * sum(map(self.divergence, self.flows))

    def entropy_sum(self) -> float:
        """The engine's S without H[q]: entropies and log base measures as it reports them."""
        return self._average(self.entropy_sum_at)

    def entropy_sum_at(self, sample: Sample) -> float:
        """Its summands at one sample; what stays is its log density."""
        parts = {
            t.variable: float(sample.value(t.log_base_measure)) - float(sample.value(t.entropy))
            if t.holds
            else sample.model.terms[t.variable].sum()
            for t in self.proof.terms
        }
        return sum(self.model.weight(name) * part for name, part in parts.items())

    def _average(self, of: Any) -> float:
        pairs = product(range(DATA), range(SAMPLES))
        return sum(self.weights[n, s] * of(self.samples[n][s]) for n, s in pairs) / DATA


def elements(of: Any, shape: tuple[int, ...]) -> np.ndarray:
    """An array from its generic element."""
    found = [of(at) for at in np.ndindex(shape)]
    return np.array(found).reshape(shape)
