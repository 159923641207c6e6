"""The command line: `entropy-proofs list | prove | verify | learn | table | codegen`.

Exit status 0: what was asked holds; 1: it does not; 2: the input is unusable, one line on
standard error says why; 3: undecided. Heavy imports happen inside the commands, so that
`--help` answers at once.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click

from entropy_proofs import __version__, catalogue
from entropy_proofs.cli_learn import learn
from entropy_proofs.errors import InputError

if TYPE_CHECKING:
    from entropy_proofs.numeric.sweep import Sweep
    from entropy_proofs.proof import Proof

HOLDS, FAILS, UNUSABLE, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="entropy-proofs")
def cli() -> None:
    """Prove that the ELBO of a latent-variable model is a sum of entropies.

    MODEL is a name from `entropy-proofs list` or the path of a Python file that defines one
    Model named `model`.

    Exit status: 0 what was asked holds, 1 it does not, 2 the input is unusable, 3 undecided.
    """


@cli.command("list")
@as_json
def list_models(as_json: bool) -> int:
    """Show the models of the catalogue, by group."""
    sources = {name: catalogue.source(name) for name in catalogue.names()}
    groups = {name: catalogue.group(name) for name in sources}
    titles = {name: text.partition("\n")[0] for name, text in sources.items()}
    if as_json:
        records = [
            {"name": name, "group": groups[name], "title": titles[name], "source": text}
            for name, text in sources.items()
        ]
        _print_json(records)
        return HOLDS
    width = max(map(len, titles), default=0)
    for group in sorted(set(groups.values())):
        click.echo(group)
        for name in (n for n in titles if groups[n] == group):
            click.echo(f"  {name:<{width}}  {titles[name]}")
    return HOLDS


@cli.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--counterexample",
    is_flag=True,
    help="Where the plain sum fails, construct a stationary point that shows it.",
)
@as_json
def prove(models: tuple[str, ...], counterexample: bool, as_json: bool) -> int:
    """Prove each MODEL's entropy sum, or say why it does not hold."""
    proofs = _prove_all(models)
    if as_json:
        from entropy_proofs.export.json import proof_record

        records = [proof_record(proof, counterexample=counterexample) for proof in proofs]
        _print_json(_one_or_all(records))
    else:
        from entropy_proofs.export.text import proof_text

        _print_all(proof_text(proof, counterexample=counterexample) for proof in proofs)
    return _worst(_status(proof) for proof in proofs)


@cli.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--data",
    multiple=True,
    metavar="NAME|FILE",
    help="Data to fit: iris, wine, digits, or a .npy or .csv file; may be given several times.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    default=1,
    help="Repeat with this many seeds of all random numbers.",
)
@click.option(
    "--starts",
    type=click.IntRange(1),
    default=1,
    help="Fit from this many random initial points for each seed.",
)
@click.option("--jobs", type=click.IntRange(1), help="Use this many processes.")
@click.option("--dask", metavar="ADDRESS", help="Use a Dask cluster, e.g. tcp://host:8786.")
@click.option(
    "--results",
    metavar="FILE",
    help="Keep each run in this SQLite file; what it holds is not done again.",
)
@as_json
def verify(
    models: tuple[str, ...],
    data: tuple[str, ...],
    seeds: int,
    starts: int,
    jobs: int | None,
    dask: str | None,
    results: str | None,
    as_json: bool,
) -> int:
    """Check each MODEL's proof at random points and on real data.

    Several data sets, seeds or starts, --jobs, --dask and --results make it a sweep: all
    combinations are run in parallel, and a table sums them up. A run that raises is a failed run.
    After Ctrl-C, the same command with the same --results does what is missing.
    """
    if jobs and dask:
        raise InputError("--jobs is for local processes and --dask for a cluster: give one")
    if len(data) > 1 or max(seeds, starts) > 1 or jobs or dask or results:
        from entropy_proofs.cli_sweep import Interrupted, run_sweep

        try:
            found = run_sweep(models, data, seeds, starts, jobs, dask, results)
        except Interrupted as interrupted:
            click.echo(f"entropy-proofs: {interrupted}", err=True)
            return INTERRUPTED
        return _show_sweep(found, as_json)
    values = None
    if data:
        from entropy_proofs.numeric.data_sets import data_set

        values = data_set(data[0]).values
    proofs = _prove_all(models)
    from entropy_proofs.numeric.verify import verify as verify_proof

    verifications = []
    for proof in proofs:
        with _progress(f"verifying {proof.model.name}"):
            verifications.append(verify_proof(proof, values))
    if as_json:
        from entropy_proofs.export.json import verification_record

        _print_json(
            _one_or_all(
                [verification_record(p, v) for p, v in zip(proofs, verifications, strict=True)]
            )
        )
    else:
        from entropy_proofs.export.text import verification_text

        _print_all(verification_text(p, v) for p, v in zip(proofs, verifications, strict=True))
    return _worst(
        HOLDS if v.passed else UNDECIDED if p.verdict.value == "undecided" else FAILS
        for p, v in zip(proofs, verifications, strict=True)
    )


def _show_sweep(found: Sweep, as_json: bool) -> int:
    if as_json:
        from entropy_proofs.export.sweep import sweep_records

        _print_json(_one_or_all(sweep_records(found)))
    else:
        from entropy_proofs.export.sweep import sweep_text

        _print_all([sweep_text(found)])
    return _worst(
        HOLDS if f.outcome.passed else UNDECIDED if f.outcome.verdict == "undecided" else FAILS
        for f in found.runs
    )


@cli.command()
@click.argument("models", nargs=-1, metavar="[MODEL...]")
@click.option(
    "--format",
    "layout",
    type=click.Choice(["markdown", "latex"]),
    default="markdown",
    show_default=True,
    help="What to write the table in.",
)
@as_json
def table(models: tuple[str, ...], layout: str, as_json: bool) -> int:
    """Tabulate entropy sums: the MODELs', or the catalogue's."""
    proofs = _prove_all(models or tuple(catalogue.names()))
    from entropy_proofs.export.table import latex_table, markdown_table, table_records

    if as_json:
        _print_json(table_records(proofs))
    else:
        click.echo({"latex": latex_table, "markdown": markdown_table}[layout](proofs), nl=False)
    return HOLDS


@cli.command()
@click.argument("model")
@click.option(
    "--backend",
    type=click.Choice(["numpy", "jax", "torch"]),
    default="numpy",
    show_default=True,
    help="The library that the code uses.",
)
@click.option(
    "--expectation",
    type=click.Choice(["samples", "analytic", "quadrature"]),
    default="samples",
    show_default=True,
    help="Average over samples of q, in closed form, or that with Gauss-Hermite nodes.",
)
@click.option(
    "--covariance",
    type=click.Choice(["diagonal", "full"]),
    default="diagonal",
    show_default=True,
    help="Of q of real latents, unless it is given by samples.",
)
@click.option(
    "--output", metavar="FILE", help="Where to write the code, if not to standard output."
)
@as_json
def codegen(
    model: str,
    backend: str,
    expectation: str,
    covariance: str,
    output: str | None,
    as_json: bool,
) -> int:
    """Write MODEL's ELBO, entropy sum and gradients as a Python module of its own.

    The code needs the backend's library and nothing else.
    """
    from entropy_proofs.standalone.output import check_writable, write

    target = None if output is None else check_writable(output, model)
    (proof,) = _prove_all([model])
    from entropy_proofs.standalone.codegen import codegen as code_of

    with _progress(f"writing code for {proof.model.name}"):
        code = code_of(proof, backend, expectation, covariance)
    if target is not None:
        write(target, code)
    if as_json:
        _print_json({"model": proof.model.name, "backend": backend, "code": code})
    elif target is None:
        click.echo(code, nl=False)
    return HOLDS


cli.add_command(learn)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with the status that it states.

    A failure of the program itself is no answer about the model, so it never exits 0, 1 or 3.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = cli.main(arguments, prog_name="entropy-proofs", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help(), err=True)
        status = UNUSABLE
    except click.ClickException as error:
        _complain(error.format_message())
        status = UNUSABLE
    except InputError as error:
        _complain(str(error))
        status = UNUSABLE
    except click.Abort:
        status = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = UNUSABLE
    except Exception as error:
        if os.environ.get("ENTROPY_PROOFS_DEBUG"):
            raise
        _complain(
            f"internal error: {type(error).__name__}: {error}; "
            "ENTROPY_PROOFS_DEBUG=1 shows the traceback"
        )
        status = UNUSABLE
    sys.exit(status)


def _complain(message: str) -> None:
    click.echo(f"entropy-proofs: error: {' '.join(message.split())}", err=True)


def _prove_all(models: Iterable[str]) -> list[Proof]:
    """Load every model before proving any, so that bad input costs no time."""
    from entropy_proofs.proof import prove as prove_model

    with contextlib.redirect_stdout(sys.stderr):
        loaded = [catalogue.load(model) for model in models]
    proofs = []
    for model in loaded:
        with _progress(f"proving {model.name}"):
            proof = prove_model(model)
            proof.claims  # noqa: B018 - judged now, so that an unusable one is an error now
        proofs.append(proof)
    return proofs


def _status(proof: Proof) -> int:
    verdicts = {proof.verdict.value, *(claim.verdict.value for claim in proof.claims)}
    if verdicts & {"refuted", "partial"}:
        return FAILS
    return UNDECIDED if "undecided" in verdicts else HOLDS


def _worst(statuses: Iterable[int]) -> int:
    found = set(statuses)
    return next((status for status in (FAILS, UNDECIDED) if status in found), HOLDS)


def _one_or_all(records: list[dict[str, Any]]) -> Any:
    return records[0] if len(records) == 1 else records


def _print_json(record: Any) -> None:
    click.echo(json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False))


def _print_all(renderables: Iterable[Any]) -> None:
    """Pages one below the other; colours and the terminal's width only on a terminal."""
    from rich.console import Console

    on_terminal = sys.stdout.isatty()
    console = Console(width=None if on_terminal else 100, highlight=False)
    with console.capture() as captured:
        for index, renderable in enumerate(renderables):
            if index:
                console.print()
            console.print(renderable)
    text = captured.get()
    if not on_terminal:
        text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    click.echo(text, nl=False, color=on_terminal)


@contextlib.contextmanager
def _progress(label: str) -> Iterator[None]:
    """A spinner on standard error while a long step runs, only on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{label} ..."):
        yield
