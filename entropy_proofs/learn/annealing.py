"""Annealing: weights on the bound's terms that change from one training step to the next.

`annealed` gives a model weights that are fixed parameters, so that a compiled bound takes them as
arrays, new ones at every step.  The identity F - S = v·∇F holds for all values of them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace

from entropy_proofs.errors import InputError
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.judge.vouching import find
from entropy_proofs.model.model import Model
from entropy_proofs.model.scope import check_unused

PREFIX = "weight."  # of the parameters' names
Q = "q"  # stands for H[q] among the names of variables


def annealed(model: Model, names: Iterable[str] | None = None) -> Model:
    """A copy of the model whose bound has weights that are scalar fixed parameters.

    Where the entropy of a latent's conditional needs a flow of the latent, that conditional and
    H[q] must be weighed alike.  So a weight on any of them (on z, say, where z ~ N(0, I)) is a
    weight on all of them, as in a beta-VAE; if more than one of them is named, each has a weight of
    its own, the latents don't flow, and those conditionals stay what they are.

    Args:
        names: variables, and "q" for H[q]; None weighs everything that can be weighed apart from
            the rest.  The weight of z is the parameter "weight.z"; a chain has one.

    Returns:
        A copy without claims; weights that the model has already are multiplied.

    Raises:
        InputError: no such variable, or no latent and thus no H[q].
    """
    groups = _groups(model, names)
    result = copy(model)
    result.stem, result.claims = None, []
    result.parameters, result.terms = dict(model.parameters), list(model.terms)
    for name, members in groups.items():
        check_unused(result, PREFIX + name)
        w = result.declare_parameter(PREFIX + name, (), POSITIVE, fixed=True)
        result.terms = [
            replace(t, weight=w * t.weight) if t.variable in members else t for t in result.terms
        ]
        if Q in members:
            result.q_weight = w * result.q_weight
    return result


def _groups(model: Model, names: Iterable[str] | None) -> dict[str, set[str]]:
    """What each weight weighs, by its name."""
    everything = [*model.variables, *([Q] if model.latents() else [])]
    found = find(model)
    flowing = {f.variable for f in found.identity.flows} if found else set()
    tied = {*flowing, Q} if flowing else set()
    if names is None:
        first = next((n for n in everything if n in tied), None)
        chosen = [n for n in everything if n not in tied or n == first]
    else:
        chosen = list(dict.fromkeys(names))
    for name in chosen:
        if name not in everything:
            known = ", ".join(everything)
            raise InputError(f"{name}: no such term of the bound to weigh; there are {known}")
    alone = len(tied.intersection(chosen)) == 1
    return {name: tied if alone and name in tied else {name} for name in chosen}


# schedules ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Schedule(ABC):
    """A weight for each training step t = 0, 1, ...: `stop` exactly from t = `steps` on.

    With stop = 1, what is reached then is a stationary point of the bound without weights.

    Raises:
        InputError: a value is negative or not finite, or steps is no positive whole number.
    """

    start: float
    stop: float = 1.0
    steps: int = 1

    def __post_init__(self) -> None:
        for value in (self.start, self.stop):
            if not (math.isfinite(value) and value >= 0):
                raise InputError(f"schedule: a weight must be a finite number >= 0, not {value}")
        if self.steps != int(self.steps) or self.steps < 1:
            raise InputError(f"schedule: steps must be a positive whole number, not {self.steps}")

    def __call__(self, t: int) -> float:
        """The weight at step t."""
        if t >= self.steps:
            return float(self.stop)
        return float(self.start if t <= 0 else self._at(t / self.steps))

    @abstractmethod
    def _at(self, s: float) -> float:
        """The weight when the share s of all steps is done, 0 < s < 1."""


class Linear(Schedule):
    """A straight line."""

    def _at(self, s: float) -> float:
        return (1 - s) * self.start + s * self.stop


class GeometricSteps(Schedule):
    """The same factor at every step (exponential); start and stop are positive."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not min(self.start, self.stop) > 0:
            raise InputError("schedule: a geometric one starts and stops above zero")

    def _at(self, s: float) -> float:
        return self.start ** (1 - s) * self.stop**s


class Cosine(Schedule):
    """Half a period of a cosine: flat at both ends."""

    def _at(self, s: float) -> float:
        return self.stop + (self.start - self.stop) * (1 + math.cos(math.pi * s)) / 2


KINDS: dict[str, type[Schedule]] = {"linear": Linear, "geometric": GeometricSteps, "cosine": Cosine}


def schedules(texts: Iterable[str]) -> dict[str, Schedule]:
    """{name: schedule} of texts such as "z=0.1:1:100", "q=0.5" or "z=0.1:1:100:cosine".

    The form is NAME=START:STOP:STEPS or NAME=START:STOP:STEPS:KIND with KIND "linear" (if left
    out), "geometric" or "cosine"; NAME=VALUE is constant.

    Raises:
        InputError: a text has another form, or names a weight for the second time.
    """
    found: dict[str, Schedule] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        if not (equals and name.strip()):
            raise InputError(f"{text!r}: a schedule looks like z=0.1:1:100")
        if name.strip() in found:
            raise InputError(f"{name.strip()}: two schedules")
        found[name.strip()] = _schedule(text, rest.split(":"))
    return found


def _schedule(text: str, parts: list[str]) -> Schedule:
    try:
        if len(parts) == 1:
            value = float(parts[0])
            return Linear(value, value)
        start, stop, steps, *kind = parts
        (made,) = (KINDS[k.strip()] for k in kind or ["linear"])
        return made(float(start), float(stop), int(steps))
    except InputError as error:
        raise InputError(f"{text!r}: {error}") from None
    except (ValueError, KeyError):
        raise InputError(
            f"{text!r}: a schedule is START:STOP:STEPS, maybe with :{' or :'.join(KINDS)}"
        ) from None


def weights_at(schedules: Mapping[str, Schedule], t: int) -> dict[str, float]:
    """The values of the weights' parameters at step t, by the parameters' names."""
    return {PREFIX + name: schedule(t) for name, schedule in schedules.items()}
