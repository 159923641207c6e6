"""`entropy-proofs verify`: proofs in numbers, one or a sweep of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from entropy_proofs.cli.terminal.numbers_given import Whole
from entropy_proofs.cli.terminal.shared import (
    INTERRUPTED,
    as_json,
    checked_status,
    one_or_all,
    print_all,
    print_json,
    progress,
    prove_all,
    say,
    worst,
)
from entropy_proofs.errors import InputError

if TYPE_CHECKING:
    from entropy_proofs.sweeps.sweep import Sweep


@click.command()
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--data",
    multiple=True,
    metavar="NAME|[VARIABLE=]FILE",
    help="Data to fit: iris, wine, digits, or a .npy, .csv or .parquet file; may be given several "
    "times. One file for each of several observed variables, as x=FILE, is one data set.",
)
@click.option(
    "--seeds",
    type=Whole(10**6),
    default=1,
    show_default=False,
    help="Repeat with this many seeds of all random numbers.",
)
@click.option(
    "--starts",
    type=Whole(10**6),
    default=1,
    show_default=False,
    help="Fit from this many random initial points for each seed.",
)
@click.option("--jobs", type=Whole(10**4), help="Use this many processes.")
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
    for option, value in (("--dask", dask), ("--results", results)):
        if value == "":
            raise InputError(f"{option}: its value is empty")
    if jobs and dask:
        raise InputError("--jobs is for local processes and --dask for a cluster: give one")
    chosen: Any = list(data)
    if data:
        from entropy_proofs.data.data_sets import named_files

        named = named_files(data)
        chosen = named if isinstance(named, list) else [named]
    if len(chosen) > 1 or max(seeds, starts) > 1 or jobs or dask or results:
        from entropy_proofs.cli.sweeping import Interrupted, run_sweep

        try:
            found = run_sweep(models, chosen, seeds, starts, jobs, dask, results)
        except Interrupted as interrupted:
            say(f"entropy-proofs: {interrupted}", err=True)
            return INTERRUPTED
        return _show_sweep(found, as_json)
    values = None
    if chosen:
        from entropy_proofs.data.data_sets import data_set

        values = data_set(chosen[0]).values
    proofs = prove_all(models)
    from entropy_proofs.points.verify import verify as verify_proof

    verifications = []
    for proof in proofs:
        with progress(f"verifying {proof.model.name}"):
            verifications.append(verify_proof(proof, values))
    if as_json:
        from entropy_proofs.export.json import verification_record

        print_json(one_or_all(list(map(verification_record, proofs, verifications))))
    else:
        from entropy_proofs.export.text import verification_text

        print_all(map(verification_text, proofs, verifications))
    pairs = zip(proofs, verifications, strict=True)
    return worst(checked_status(v.passed, p.verdict.value) for p, v in pairs)


def _show_sweep(found: Sweep, as_json: bool) -> int:
    from entropy_proofs.export.sweep_table import sweep_records, sweep_text

    if as_json:
        print_json(one_or_all(sweep_records(found)))
    else:
        print_all([sweep_text(found)])
    return worst(checked_status(f.outcome.passed, f.outcome.verdict) for f in found.runs)
