"""Learning in scikit-learn's conventions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import POINTS
from entropy_proofs.families.coordinates import Array
from entropy_proofs.families.entering import check_unmasked, real_array
from entropy_proofs.families.space_values import middle_value
from entropy_proofs.learn.annealing import Schedule
from entropy_proofs.learn.bound import BoundEvaluation, average
from entropy_proofs.learn.em.exact_fit import (
    Data,
    ExactFit,
    best_of,
    exact_for,
    exact_problem,
    fit_exactly,
    fit_in_batches,
    has_exact_steps,
)
from entropy_proofs.learn.em.posterior import NoPosterior
from entropy_proofs.learn.em.with_q import without_start
from entropy_proofs.learn.encoder import Encoder
from entropy_proofs.learn.history import History, Progress
from entropy_proofs.learn.means import discrete_probabilities, exact_means, latent_means
from entropy_proofs.learn.optimisers import OPTIMIZERS, Climb, Descent
from entropy_proofs.learn.problem import Arrays, Blocks, Problem
from entropy_proofs.learn.proofs import annealed_proof, proof_of, schedules_for
from entropy_proofs.learn.setup import bound_for, known_values, problem_for, sizes_for
from entropy_proofs.learn.starts import Starts, given_values, sample_weights, some
from entropy_proofs.model.model import Model
from entropy_proofs.notebook.displays import headed, html_of, table
from entropy_proofs.optimise.optax import OptaxSteps
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Stop
from entropy_proofs.points.observations import (
    check_bounds,
    check_complete,
    check_room,
    observed_data,
    observed_names,
)
from entropy_proofs.points.sequences import Sequences, check_steps, count_of, sequences_of
from entropy_proofs.proving.declared_flows import exact_but_not_best
from entropy_proofs.proving.proof import Proof
from entropy_proofs.q.choice import SUFFIXES
from entropy_proofs.spelling import none_of

LOCAL_ITERATIONS = 500  # of q on new data
LOCAL_TOLERANCE = 1e-12
EXACT = ("em", "auto")  # what may run EM


class VariationalEstimator(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Maximises a model's ELBO, or its entropy objective, with F, S and v·∇F at every iteration.

    All values are in nats per data point.  Data are an array (N, D) for a model with one observed
    vector, else an array (N, ...) of its shape, or a dict of arrays by observed variable.
    Sequences of different lengths stand one after the other in an array (rows, ...), and `fit`
    takes their `lengths`; a sequence is one data point.

    Args:
        model: a catalogue name, the path of a model file, a `Model` or a `Proof`.
        sizes: dims that the data do not show, such as {"H": 2}; network widths default to 16.
        q: of continuous latents: "diagonal" or "full" Gaussians for each data point (in the
            logarithms of positive latents and the logits of those in the unit interval), or
            "amortised": diagonal ones from a network.  Discrete latents get probabilities.
        expectation: "analytic" in closed form, "quadrature" (that, or Gauss-Hermite nodes),
            "samples", or "auto": the first of these that there is, and exact posteriors over
            enumerated states where all latents are discrete.
        samples: for each data point, where E_q is sampled; the same ones at every iteration of
            L-BFGS, fresh ones for mini-batches.
        objective: "elbo", or "entropy": parameters with optima in closed form are eliminated.
        optimizer: "em", exact updates, accelerated; "l-bfgs"; one of optax's "adam", "nadam",
            "rmsprop", "adagrad", "sgd"; or "auto": "em" where every block of parameters and q is
            solved in closed form, else "l-bfgs".
        batch_size: of mini-batches, for optax's optimisers and "em" (running averages, by Cappé &
            Moulines, 2009, of data that may be a memory map); None takes all data.
        learning_rate: of optax's optimisers.
        hidden: widths of the amortising network's tanh layers.
        max_iter: at most so many iterations: steps of the optimiser, each on one mini-batch.
        tol: stop when |v·∇F| stays below this while F stands still; with mini-batches, averages
            over the data count.  EM stops when no more than this is left to gain, by Aitken's
            extrapolation of exact updates.
        annealing: weights on the bound's terms by iteration: {"z": schedule} with a `Schedule` or a
            text such as "0.1:1:100" (from 0.1 to 1 in 100 iterations); l-bfgs keeps each for 10
            iterations.  F, S and v·∇F are those of the weighted bound.
        n_init: how many starts EM is run from; the best end is kept.
        n_jobs: how many of these run at once.
        init: initial values of parameters and of q's arrays by name, and the values of known
            constants.  Arrays that the others imply (an amortised q, say) are not looked at.
        random_state: seeds all random numbers; the same seed gives the same bits.
        verbose: 1 prints some iterations, 2 all.
        backend: "jax" or "numpy".

    Attributes:
        parameters_: learned parameters by name, the weights of networks included.
        q_: q's arrays (N, ...) by name: "z.mean", "z.deviation" or "z.scale", "z.probabilities".
            With lengths those over time are (rows, ...), of neighbours one row fewer a sequence.
        elbo_, entropy_sum_, gap_, predicted_gap_: F, S, F - S and v·∇F on the training data.
        n_iter_: how many iterations were done.
        optimizer_: the optimiser that "auto" chose.
        gradient_steps_: the parameters that EM could not solve for, which took gradient steps.
        converged_, stopped_by_: whether the gap is what stopped it, and what did.
        history_: arrays by iteration: "elbo", "entropy_sum", "predicted_gap", "residual",
            "gradient_norm", "seconds", with EM "to_gain" (nats left to gain), "entropy q", and
            "entropy x" for each conditional x; their sum with minus signs on all but the first is
            "entropy_sum".
        n_features_in_: how many numbers a data point has; of sequences with lengths, a step.

    >>> import numpy as np
    >>> from entropy_proofs import VariationalEstimator
    >>> data = np.random.default_rng(0).normal(size=(50, 3))
    >>> VariationalEstimator("ppca", sizes={"H": 1}).fit(data).transform(data).shape
    (50, 1)
    """

    def __init__(
        self,
        model: Any = "factor_analysis",
        *,
        sizes: Mapping[str, int] | None = None,
        q: str = "diagonal",
        expectation: str = "auto",
        samples: int = 8,
        objective: str = "elbo",
        optimizer: str = "auto",
        batch_size: int | None = None,
        learning_rate: float = 1e-2,
        hidden: Sequence[int] = (32,),
        max_iter: int = 1000,
        tol: float = 1e-6,
        annealing: Mapping[str, Any] | None = None,
        n_init: int = 1,
        n_jobs: int | None = None,
        init: Mapping[str, Any] | None = None,
        random_state: Any = None,
        verbose: int = 0,
        backend: str = "jax",
    ):
        self.model = model
        self.sizes = sizes
        self.q = q
        self.expectation = expectation
        self.samples = samples
        self.objective = objective
        self.optimizer = optimizer
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.hidden = hidden
        self.max_iter = max_iter
        self.tol = tol
        self.annealing = annealing
        self.n_init = n_init
        self.n_jobs = n_jobs
        self.init = init
        self.random_state = random_state
        self.verbose = verbose
        self.backend = backend

    # fitting ----------------------------------------------------------------------------------
    def fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, lengths: Any = None
    ) -> VariationalEstimator:
        """Learn the parameters and q; `y` is ignored.

        Args:
            sample_weight: how often each data point counts, (N,), with EM.
            lengths: of the sequences, (N,), which stand one after the other in the rows of X,
                (sum of lengths, ...), a step in each row; for chains, with EM.  A sequence is one
                data point: F is the mean of log p(sequence), in nats, when q is exact.

        Raises:
            InputError: data or options are unusable; the message names the variable or option.
        """
        return self._fit(X, self._printed if self.verbose else None, sample_weight, lengths)

    def _fit(
        self, X: Any, progress: Progress | None, sample_weight: Any = None, lengths: Any = None
    ) -> VariationalEstimator:
        self._check_options()
        schedules = schedules_for(self.annealing)
        proof = proof_of(self.model)
        for why in exact_but_not_best(proof.model).values():
            raise InputError(f"{why}; leave it undeclared to learn the q where F is largest")
        proof = annealed_proof(proof, schedules)
        data = self._data(proof, X, lengths, reset=True)
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
        weights = sample_weights(sample_weight, count_of(data))
        self.optimizer_ = self.optimizer
        self.gradient_steps_: tuple[str, ...] = ()
        if self.optimizer in EXACT:
            done = self._fit_exactly(proof, data, rng, History(progress), weights)
            if done:
                return self
            self.optimizer_ = "l-bfgs"
        if isinstance(data, Sequences):
            raise InputError(f"lengths: are for EM; {self.optimizer} takes sequences of one length")
        check_complete(data)
        if weights is not None:
            raise InputError("sample_weight: is for EM; this optimizer takes all data points alike")
        problem = self._problem(proof, data, schedules)
        start = self._start(problem, rng)
        noise = problem.posterior.noise(problem.points, rng)
        history = History(progress)
        if self.optimizer_ == "l-bfgs":
            run = solve(Climb(problem, noise, history, self.max_iter, self.tol), start)
        else:
            steps = OptaxSteps(self.optimizer, self.learning_rate)
            solver = Descent(problem, history, rng, steps, self.batch_size, self.tol)
            run = solve(solver, start, self.max_iter)
        self._keep(problem.at(len(history)), run.x, run.stop, noise, history)
        return self

    def _fit_exactly(
        self, proof: Proof, data: Data, rng: np.random.Generator, history: History, weights: Any
    ) -> bool:
        """EM; False where "auto" had better not."""
        must = self.optimizer == "em" or isinstance(data, Sequences)
        for name, usual in (("q", "diagonal"), ("objective", "elbo"), ("expectation", "auto")):
            if (value := getattr(self, name)) != usual:
                if must:
                    raise InputError(f"{name}: EM takes the exact posterior, not {value!r}")
                return False
        if self.annealing or (self.batch_size is not None and not must):
            if must:
                raise InputError("annealing: is not for EM; choose another optimizer")
            return False
        sizes = sizes_for(proof.model, data, self.sizes)
        known = known_values(proof.model, sizes, self.init or {})
        try:
            exact = exact_for(proof, sizes, known)
            seen, counted = (data, weights) if self.batch_size is None else some(data, weights)
            problem = exact_problem(exact, seen, counted)
            check_bounds(proof.model, problem.data, {**sizes, **known})
            solved = frozenset() if self.batch_size else without_start(proof, data)

            def start(rng: np.random.Generator) -> Arrays:
                return problem.values(self._start(problem, rng, counted, solved).common)

            if not must and not has_exact_steps(exact, problem, proof, seen, start(deepcopy(rng))):
                return False
            fitted = partial(
                fit_exactly, exact, problem, proof, data, weights,
                max_iter=self.max_iter, tol=self.tol,
            )  # fmt: skip
            if self.batch_size is not None:
                fitted = partial(
                    fit_in_batches, *fitted.args, **fitted.keywords, size=self.batch_size, rng=rng
                )
            found = best_of(fitted, start, history, rng, self.n_init, self.n_jobs)
        except NoPosterior as error:
            if not must:
                return False
            raise InputError(f"optimizer: no EM for {proof.model.name}: {error}") from None
        self.optimizer_, self.gradient_steps_ = "em", found.climbed
        self._keep_exactly(found, data)
        return True

    def _keep_exactly(self, fitted: ExactFit, data: Data) -> None:
        """Everything that a fit by EM leaves."""
        found, history = fitted.reached.found, fitted.history
        if not len(history):
            history.add(found, float("nan"), float("nan"))
        self.parameters_ = fitted.reached.values
        self.encoder_: Encoder | None = None
        if self.batch_size is not None:  # q of all data points may be too large to keep
            data = {n: x[:1] for n, x in data.items()}
        self.q_ = fitted.q(data)
        self._keep_numbers(fitted.problem, found, fitted.reached.stop, history)
        self._n_features_out = exact_means(fitted.problem.bound.model, self.q_, data).shape[1]
        if isinstance(data, Sequences):  # each has a value of its own
            del self.sizes_[data.time]

    def _keep(
        self, problem: Problem, x: Blocks, stop: Stop, noise: Arrays, history: History
    ) -> None:
        """Everything that a fit leaves."""
        found = self._evaluated(problem, x, noise)
        if not len(history):
            history.add(found, float("nan"))
        gone = {n: found.computed[n] for n in problem.bound.gone}
        self.parameters_ = {**problem.values(x.common), **gone}
        self.encoder_ = None
        if problem.encoder is not None:
            weights = {n: w for n, w in x.common.items() if n not in problem.parameters}
            self.encoder_ = replace(problem.encoder, weights=weights)
        q = problem.posterior.values(problem.blocks(*x))
        self.q_ = {**q, **discrete_probabilities(problem, found)}
        self._keep_numbers(problem, found, stop, history)
        self._n_features_out = latent_means(problem, x, found, noise).shape[1]

    def _keep_numbers(
        self, problem: Problem, found: BoundEvaluation, stop: Stop, history: History
    ) -> None:
        self.elbo_, self.entropy_sum_ = found.elbo, found.entropy_sum
        self.gap_, self.predicted_gap_ = found.gap, found.predicted_gap
        self.n_iter_ = len(history)
        self.converged_, self.stopped_by_ = stop.converged, str(stop)
        self.history_ = history.arrays()
        self.sizes_ = dict(problem.sizes)
        if not stop.converged:
            warnings.warn(f"not converged: {stop}", ConvergenceWarning, stacklevel=5)

    def _evaluated(self, problem: Problem, x: Blocks, noise: Arrays) -> BoundEvaluation:
        """F, S and v·∇F on all data, in parts as large as a mini-batch."""
        size = self.batch_size or problem.points
        if size >= problem.points or problem.bound.gone:
            return problem.evaluate(*x, noise)[0]
        parts = []
        for start in range(0, problem.points, size):
            rows = slice(start, start + size)
            own, eps = ({n: a[rows] for n, a in given.items()} for given in (x.local, noise))
            parts.append((problem.only(rows), own, eps))
        return average([(p.points, p.evaluate(x.common, q, e)[0]) for p, q, e in parts])

    def _problem(self, proof: Proof, data: Arrays, schedules: Mapping[str, Schedule]) -> Problem:
        bound = bound_for(proof, self.backend, self.expectation, self.q, self.objective)
        sizes = sizes_for(proof.model, data, self.sizes)
        check_room(proof.model, {**sizes, POINTS.name: len(next(iter(data.values())))})
        known = known_values(proof.model, sizes, self.init or {})
        check_bounds(proof.model, data, {**sizes, **known})
        options = self.q, self.samples, self.hidden, schedules
        return problem_for(bound, data, sizes, known, *options)

    def _start(
        self,
        problem: Problem,
        rng: np.random.Generator,
        weights: Array | None = None,
        solved: frozenset[str] = frozenset(),
    ) -> Blocks:
        """Blocks to start from: the user's values where given.

        solved: names of parameters that are put in place at once, wherever they start.
        """
        model, points, posterior = problem.bound.model, problem.points, problem.posterior
        moving = {n: (p.shape, problem.domains[n]) for n, p in problem.parameters.items()}
        starts = Starts(model, problem.data, problem.sizes, rng, weights)
        given = {n: a for n, a in (self.init or {}).items() if n in moving}
        if given.keys() == moving.keys() and not posterior.own():
            values = given_values(given, {n: shape for n, (shape, _) in moving.items()})
        else:  # q may start where the parameters do
            values = starts.values({n: of for n, of in moving.items() if n not in solved})
            values |= {n: middle_value(moving[n][1], moving[n][0]) for n in solved}
        with np.errstate(all="ignore"):
            common = {
                n: p.coordinates.inverse(np.asarray(values[n]))
                for n, p in problem.parameters.items()
            }
        local = posterior.start(points, rng)
        for name, u in local.items():
            guess = starts.probabilities(u.shape[1] + 1) if u.ndim == 2 else None
            if guess is not None and name.endswith(".probabilities"):
                local[name] = posterior.own()[name].coordinates.inverse(guess)
        q_shapes = {n: np.shape(a) for n, a in posterior.values(local).items()}
        if problem.encoder is not None:
            common |= problem.encoder.start(rng)
            local, q_shapes = {}, {}
        implied = {p.name for p in model.parameters.values() if p.fixed} | problem.bound.gone
        for v in model.latents():  # q that a network or the rest determines
            implied |= {f"{v.name}.{suffix}" for suffix in SUFFIXES} - q_shapes.keys()
        init = {n: a for n, a in (self.init or {}).items() if n not in implied}
        shapes = {n: np.shape(u) for n, u in common.items()}
        shapes |= {n: p.shape for n, p in problem.parameters.items()} | q_shapes
        for name, value in given_values(init, shapes).items():
            if name in common and name not in problem.parameters:
                common[name] = value  # a weight of the encoder
                continue
            own = problem.parameters.get(name)
            place = local if own is None else common
            coordinates = posterior.own()[name].coordinates if own is None else own.coordinates
            with np.errstate(all="ignore"):
                u = coordinates.inverse(value)
            if not np.isfinite(u).all():
                raise InputError(f"init: {name} is outside its domain")
            place[name] = u
        return Blocks(common, local)

    def _check_options(self) -> None:
        if self.optimizer not in OPTIMIZERS:
            raise InputError(f"optimizer: {none_of(self.optimizer, OPTIMIZERS)}")
        if self.backend not in {"jax", "numpy"}:
            raise InputError(f"backend: {none_of(self.backend, ('jax', 'numpy'))}")
        if self.backend == "jax" and find_spec("jax") is None:
            raise InputError(
                "backend: jax needs pip install 'entropy-proofs[learn]'; numpy is there without"
            )
        if self.batch_size is not None and self.optimizer in {"l-bfgs", "auto"}:
            raise InputError(
                f"batch_size: {self.optimizer} takes all data; choose another optimizer"
            )
        for name in ("max_iter", "samples", "batch_size", "n_init"):
            value = getattr(self, name)
            whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
            if value is not None and (not whole or value < 1):
                raise InputError(f"{name}: {value!r} is not a whole number from 1 on")
        for name in ("tol", "learning_rate"):
            value = getattr(self, name)
            if not isinstance(value, (int, float, np.number)) or not 0 <= value < np.inf:
                raise InputError(f"{name}: {value!r} is no finite number from 0 on")

    def _data(self, proof: Proof, X: Any, lengths: Any, reset: bool) -> Data:
        """The data by observed variable, checked."""
        if lengths is not None:
            return self._sequences(proof, X, lengths, reset)
        names = observed_names(proof.model)
        single = len(names) == 1 and len(proof.model.variables[names[0]].shape) == 1
        if single and isinstance(X, Mapping) and list(X) == names:
            X = X[names[0]]
        if single and not isinstance(X, Mapping):
            check_unmasked(names[0], X)
            if hasattr(X, "toarray") and proof.model.variables[names[0]].support.discrete:
                X = real_array(names[0], X)  # of counts, most of them zero
            try:
                X = validate_data(
                    self, X, reset=reset, dtype=np.float64,
                    ensure_all_finite="allow-nan" if self.optimizer == "em" else True,
                )  # fmt: skip
            except ValueError as error:
                raise InputError(f"{names[0]}: {error}") from error
            return observed_data(proof.model, X, gaps=self.optimizer == "em")
        data = observed_data(proof.model, X, gaps=self.optimizer == "em")
        width = sum(x[0].size for x in data.values())
        if reset:
            self.n_features_in_ = width
        elif width != self.n_features_in_:
            raise InputError(
                f"{names[0]}: {width} numbers for each data point, but {self.n_features_in_} "
                "when it was fitted"
            )
        return data

    def _sequences(self, proof: Proof, X: Any, lengths: Any, reset: bool) -> Sequences:
        """Sequences in rows, checked."""
        found = sequences_of(proof.model, X, lengths)
        if reset:
            self.n_features_in_ = sum(x[0, 0].size for x in found.values())
        else:
            check_steps(proof.model, found, self.sizes_)
        return found

    def _printed(self, iteration: int, found: BoundEvaluation) -> None:
        if self.verbose > 1 or iteration & (iteration - 1) == 0 or iteration % 100 == 0:
            print(
                f"{iteration:>6}  F {found.elbo:.6f}  S {found.entropy_sum:.6f}  "
                f"v·∇F {found.predicted_gap:.1e}"
            )

    # new data ---------------------------------------------------------------------------------
    def _inferred(self, X: Any) -> tuple[Problem, Blocks, BoundEvaluation, Arrays]:
        """q of data points, with the parameters as they were learned."""
        check_is_fitted(self, "parameters_")
        proof = proof_of(self.model)
        data = self._data(proof, X, None, reset=False)
        bound = bound_for(proof, self.backend, self.expectation, self.q, "elbo")
        known = known_values(proof.model, self.sizes_, self.init or {})
        whole = problem_for(
            bound, dict(data), self.sizes_, known, self.q, self.samples, self.hidden
        )
        given = {**whole.given, **self.parameters_}
        problem = replace(whole, given=given, parameters={}, encoder=self.encoder_)
        rng = np.random.default_rng(0)
        noise = {
            n: np.repeat(e, problem.points, axis=0)
            for n, e in problem.posterior.noise(1, rng).items()
        }
        x = Blocks({}, {})
        if self.encoder_ is None:
            local = problem.posterior.start(1, rng)
            x = Blocks({}, {n: np.repeat(u, problem.points, axis=0) for n, u in local.items()})
        if x.local:
            x = solve(Climb(problem, noise, History(), LOCAL_ITERATIONS, LOCAL_TOLERANCE), x).x
        return problem, x, problem.evaluate(*x, noise)[0], noise

    def transform(self, X: Any, lengths: Any = None) -> Array:
        """Posterior means of all latents, (N, total size); probabilities of discrete ones.

        With `lengths`, as of `fit`, there is a row for each step: (sum of lengths, size of a step).
        """
        if self._by_em(lengths):
            return exact_means(*self._inferred_exactly(X, lengths)[1:])
        problem, x, found, noise = self._inferred(X)
        return latent_means(problem, x, found, noise)

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Array:
        """`fit`, and `transform` of the same data."""
        return self.fit(X, y, **fit_params).transform(X, fit_params.get("lengths"))

    def score(self, X: Any, y: Any = None, lengths: Any = None) -> float:
        """F of data with the learned parameters and the best q, in nats per data point.

        lengths: of sequences in the rows of X, each of which is a data point, as of `fit`.
        """
        if self._by_em(lengths):
            return self._inferred_exactly(X, lengths)[0]
        return self._inferred(X)[2].elbo

    def _by_em(self, lengths: Any) -> bool:
        check_is_fitted(self, "parameters_")
        if lengths is not None and self.optimizer_ != "em":
            raise InputError(f"lengths: are for EM, not for what {self.optimizer_} has learned")
        return bool(self.optimizer_ == "em")

    def _inferred_exactly(self, X: Any, lengths: Any) -> tuple[float, Model, Arrays, Data]:
        """F of data points with the best q, and q's arrays."""
        proof = proof_of(self.model)
        data = self._data(proof, X, lengths, reset=False)
        known = known_values(proof.model, self.sizes_, self.init or {})
        value, q = exact_for(proof, self.sizes_, known).infer(self.parameters_, data)
        return value, proof.model, q, data

    # scikit-learn -----------------------------------------------------------------------------
    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.optimizer == "em"
        return tags

    def _repr_html_inner(self) -> str:
        return super()._repr_html_inner() + self._fitted_page()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._fitted_page()
        return bundle

    def _fitted_page(self) -> str:
        """What was learned, below scikit-learn's own picture of the estimator; "" before `fit`."""
        if not hasattr(self, "history_"):
            return ""
        values = {
            "F": self.elbo_,
            "S": self.entropy_sum_,
            "F - S": self.gap_,
            "v·∇F": self.predicted_gap_,
        }
        rows = ((name, f"{value:.6g}") for name, value in values.items())
        said = f": {self.stopped_by_}, after {self.n_iter_} iterations"
        blocks = (
            headed(str(proof_of(self.model).model.name), said),
            table(("In nats per data point", ""), rows),
            *self.history_._blocks(),
        )
        return html_of(blocks)

    def plot(self, *files: Any, kind: str | None = None) -> None:
        """Draw F, S and v·∇F by iteration; see `export.figure.draw_history`."""
        from entropy_proofs.export.figure import draw_history

        check_is_fitted(self, "history_")
        draw_history(self.history_, str(proof_of(self.model).model.name), *files, kind=kind)


def fit(model: Any, X: Any, *, lengths: Any = None, **options: Any) -> VariationalEstimator:
    """`VariationalEstimator(model, **options).fit(X, lengths=lengths)`.

    p-PCA with one latent on three columns of iris: at the end F is the sum of entropies.

    >>> import entropy_proofs as ep
    >>> from sklearn.datasets import load_iris
    >>> found = ep.fit("ppca", load_iris().data[:, :3], sizes={"H": 1})
    >>> found.converged_
    True
    """
    return VariationalEstimator(model, **options).fit(X, lengths=lengths)
