"""`entropy-proofs learn`: fit a model to data, show the gap, keep what was learned."""

from __future__ import annotations

import contextlib
import io
import math
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from entropy_proofs.cli.terminal.numbers_given import Finite, Whole, whole_number
from entropy_proofs.cli.terminal.shared import FAILS, HOLDS, as_json, bar, print_json, say
from entropy_proofs.errors import InputError

if TYPE_CHECKING:
    from entropy_proofs.learn.estimator import VariationalEstimator
    from entropy_proofs.learn.history import Progress

PICTURES = (".svg", ".png", ".pdf")


@click.command()
@click.argument("model")
@click.option(
    "--data",
    required=True,
    multiple=True,
    metavar="NAME|[VARIABLE=]FILE",
    help="Data to fit: iris, wine, digits, or a .npy, .csv or .parquet file; of several observed "
    "variables one file for each, as x=FILE.",
)
@click.option(
    "--lengths",
    metavar="FILE",
    help="For chains: how many rows of the data each sequence has, one after the other, in a .npy, "
    ".csv or .parquet file. Without it a sequence is a slice of a 3-D array.",
)
@click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="DIM=N",
    help="A size that the data do not show, such as H=10; may be given several times.",
)
@click.option(
    "--q",
    type=click.Choice(["diagonal", "full", "amortised"]),
    default="diagonal",
    help="Gaussians for each data point, or from a network.",
)
@click.option(
    "--expectation",
    type=click.Choice(["auto", "analytic", "quadrature", "samples"]),
    default="auto",
    help="How expectations under q are taken.",
)
@click.option(
    "--objective",
    type=click.Choice(["elbo", "entropy"]),
    default="elbo",
    help="The ELBO, or what is left of it at the closed-form optima.",
)
@click.option(
    "--optimizer",
    type=click.Choice(["auto", "em", "l-bfgs", "adam", "nadam", "rmsprop", "adagrad", "sgd"]),
    default="auto",
    help="Auto: EM where every block is solved in closed form, else L-BFGS.",
)
@click.option("--batch-size", type=Whole(), help="Of mini-batches (not with l-bfgs).")
@click.option("--restarts", "n_init", type=Whole(), default=1, help="Of EM.")
@click.option("--learning-rate", type=Finite(), default=1e-2)
@click.option("--samples", type=Whole(10**6), default=8)
@click.option("--max-iter", type=Whole(), default=1000)
@click.option(
    "--tol",
    type=Finite(),
    default=1e-6,
    help="Stop when so many nats are left to gain (EM), or |v.grad F| stays below this.",
)
@click.option(
    "--anneal",
    multiple=True,
    metavar="NAME=START:STOP:STEPS",
    help="A weight on a variable's conditional by iteration, such as z=0.1:1:100.",
)
@click.option(
    "--init",
    metavar="FILE",
    help="Start from the arrays in this .npz file, an --output say; known constants too.",
)
@click.option("--seed", type=Whole(2**32 - 1, least=0), default=0)
@click.option("--output", metavar="FILE", help="Keep parameters and q in this .npz file.")
@click.option(
    "--plot", metavar="FILE", help="Draw F, S and v.grad F by iteration: .svg, .png or .pdf."
)
@as_json
def learn(
    model: str,
    data: tuple[str, ...],
    lengths: str | None,
    sizes: tuple[str, ...],
    anneal: tuple[str, ...],
    init: str | None,
    seed: int,
    output: str | None,
    plot: str | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Fit MODEL to data, with F, S and v.grad F = F - S at every iteration.

    Exit status: 0 converged, 1 not converged, 2 the input is unusable.
    """
    given: dict[str, Any] = {"sizes": sizes_of(sizes), "random_state": seed, **options}
    given["init"] = None if init is None else initial(init)
    targets = [
        target(file, model, kinds) for file, kinds in ((output, (".npz",)), (plot, PICTURES))
    ]
    from entropy_proofs.data.data_sets import data_set, named_files
    from entropy_proofs.data.tables import numbers_in
    from entropy_proofs.learn.annealing import schedules
    from entropy_proofs.learn.estimator import VariationalEstimator

    estimator = VariationalEstimator(model, annealing=schedules(anneal), **given)
    named = named_files(data)
    if isinstance(named, list) and len(named) > 1:
        raise InputError(f"--data {named[1]}: one data set is fitted; give variables by NAME=FILE")
    values = data_set(named[0] if isinstance(named, list) else named).values
    if isinstance(values, str):
        from entropy_proofs.data.real_data import table

        values = table(values)
    steps = None if lengths is None else numbers_in(Path(lengths))
    start = time.perf_counter()
    with (
        _interruptible() as check,
        _progress(options["max_iter"], check) as show,
        warnings.catch_warnings(action="ignore"),
        contextlib.redirect_stdout(sys.stderr),  # a model file may print
    ):
        estimator._fit(values, show, lengths=steps)
    seconds = time.perf_counter() - start
    kept, drawn = targets
    if kept is not None:
        from entropy_proofs.files import write

        write(kept, archive(estimator))
    if drawn is not None:
        draw(estimator, drawn)
    record = record_of(estimator, seconds)
    if as_json:
        print_json(record)
    else:
        say(text_of(record))
    return HOLDS if estimator.converged_ else FAILS


def sizes_of(given: tuple[str, ...]) -> dict[str, int]:
    """From DIM=N.

    Raises:
        InputError: anything else.
    """
    found = {}
    for text in given:
        name, _, size = text.partition("=")
        if not name or not size.isascii() or not size.isdigit():
            raise InputError(f"--size {text}: DIM=N is wanted, such as H=10")
        found[name] = whole_number(f"--size {name}", size)
    return found


def target(file: str | None, model: str, kinds: tuple[str, ...]) -> Path | None:
    """The file to write, looked at before the work.

    Raises:
        InputError: it is of another kind or cannot be written.
    """
    from entropy_proofs.files import check_writable

    if file is None:
        return None
    if Path(file).suffix not in kinds:
        raise InputError(f"{file}: the name has to end in {' or '.join(kinds)}")
    return check_writable(file, model)


def initial(file: str) -> dict[str, Any]:
    """The parameters, encoder weights, constants and arrays of q in a .npz file.

    Raises:
        InputError: it cannot be read.
    """
    from entropy_proofs.data.tables import arrays_in

    return {n: x for n, x in arrays_in(Path(file)).items() if not n.startswith("history ")}


def archive(estimator: VariationalEstimator) -> bytes:
    """Parameters, q and the history by iteration, as the contents of a .npz file."""
    import numpy as np

    history = {f"history {name}": column for name, column in estimator.history_.items()}
    contents = io.BytesIO()
    weights = {} if estimator.encoder_ is None else estimator.encoder_.weights
    arrays: dict[str, Any] = {**estimator.parameters_, **weights, **estimator.q_, **history}
    np.savez(contents, **arrays)
    return contents.getvalue()


def draw(plotted: Any, file: Path) -> None:
    """What has a `plot`, in the format of the file's name."""
    from entropy_proofs.files import write

    contents = io.BytesIO()
    plotted.plot(contents, kind=file.suffix.removeprefix("."))
    write(file, contents.getvalue())


def record_of(estimator: VariationalEstimator, seconds: float) -> dict[str, Any]:
    from entropy_proofs.learn.proofs import proof_of

    record = {
        "model": proof_of(estimator.model).model.name,
        "elbo": estimator.elbo_,
        "entropy_sum": estimator.entropy_sum_,
        "gap": estimator.gap_,
        "predicted_gap": estimator.predicted_gap_,
        "n_iter": estimator.n_iter_,
        "converged": estimator.converged_,
        "stopped_by": estimator.stopped_by_,
        "optimizer": estimator.optimizer_,
        "gradient_steps": list(estimator.gradient_steps_),
        "to_gain": float(estimator.history_.get("to_gain", [math.nan])[-1]),
        "seconds": round(seconds, 3),
        "max_identity_residual": float(estimator.history_["residual"].max()),
    }
    return {name: None if value != value else value for name, value in record.items()}  # NaN


def text_of(record: dict[str, Any]) -> str:
    record = {name: math.nan if value is None else value for name, value in record.items()}
    said = "converged" if record["converged"] else "not converged"
    return "\n".join(
        [
            f"{record['model']}: {said} after {record['n_iter']} iterations "
            f"({record['seconds']:.2f} s)",
            f"  stopped by  {record['stopped_by']}",
            "",
            "In nats per data point",
            f"  F           {record['elbo']:.6f}",
            f"  S           {record['entropy_sum']:.6f}",
            f"  F - S       {record['gap']:.1e}",
            f"  v·∇F        {record['predicted_gap']:.1e}",
            "",
            "F - S = v·∇F at every iteration, largest relative residual "
            f"{record['max_identity_residual']:.1e}",
        ]
    )


@contextlib.contextmanager
def _interruptible() -> Iterator[Callable[[], None]]:
    """Ctrl-C counts between iterations: inside a library's native code it may crash the process.

    The second one counts at once.
    """
    pressed = False

    def press(number: int, frame: Any) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, before)

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, press)
    try:
        yield check
        check()
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _progress(most: int, check: Callable[[], None]) -> Iterator[Progress]:
    """A line with F and the gap on standard error, only on a terminal.

    Args:
        check: called at every iteration.
    """
    with bar("compiling", most) as update:

        def show(iteration: int, found: Any) -> None:
            check()
            said = f"F {found.elbo:.4f}  v·∇F {found.predicted_gap:+.1e}"
            update(description=said, completed=iteration)

        yield show
