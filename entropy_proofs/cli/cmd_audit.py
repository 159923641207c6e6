"""`entropy-proofs audit`: whether parameters from a file are at a stationary point."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

import click

from entropy_proofs.cli.cmd_learn import PICTURES, draw, sizes_of, target
from entropy_proofs.cli.terminal.numbers_given import Finite, Whole
from entropy_proofs.cli.terminal.shared import (
    FAILS,
    HOLDS,
    UNDECIDED,
    as_json,
    print_json,
    progress,
    say,
)
from entropy_proofs.errors import InputError


@click.command()
@click.option("--model", required=True, metavar="MODEL", help="A catalogue name or a path.")
@click.option(
    "--parameters",
    required=True,
    metavar="FILE",
    help="Arrays by the model's names in a .npz or .safetensors file, or a .csv or .parquet file "
    "with the columns parameter, index, value. Never a pickle.",
)
@click.option(
    "--data",
    required=True,
    multiple=True,
    metavar="NAME|[VARIABLE=]FILE",
    help="The data: iris, wine, digits, or a .npy, .csv, .parquet or .safetensors file, which is "
    "read in chunks; of several observed variables one file for each, as x=FILE.",
)
@click.option("--size", "sizes", multiple=True, metavar="DIM=N", help="A size that no array shows.")
@click.option("--quick", is_flag=True, help="Leave out what is left to gain.")
@click.option(
    "--updates",
    type=Whole(10_000),
    default=10,
    help="Estimate what is left to gain by at most so many exact updates.",
)
@click.option(
    "--tolerance",
    type=Finite(),
    default=3e-4,
    help="In nats for each row: what may be left to gain at a stationary point.",
)
@click.option("--plot", metavar="FILE", help="Draw the shares: .svg, .png or .pdf.")
@as_json
def audit(
    model: str,
    parameters: str,
    data: tuple[str, ...],
    sizes: tuple[str, ...],
    quick: bool,
    updates: int,
    tolerance: float,
    plot: str | None,
    as_json: bool,
) -> int:
    """Whether a model's PARAMETERS are at a stationary point of its likelihood of the data.

    F, S and v.grad F = F - S, the share of each block in it, and what is left to gain.

    Exit status: 0 stationary, 1 not, 2 the input is unusable, 3 not estimated (--quick).
    """
    known = sizes_of(sizes)
    drawn = target(plot, model, PICTURES)
    from entropy_proofs.audits.auditing import audit_model
    from entropy_proofs.audits.parameter_files import model_in_file
    from entropy_proofs.data.data_sets import named_files
    from entropy_proofs.model import catalogue

    with contextlib.redirect_stdout(sys.stderr):  # a model file may print
        declared = catalogue.load(model)
    given: Any = data[0]
    if len(data) > 1 or "=" in given:
        given = named_files(data)
        if isinstance(given, list):
            if len(given) > 1:
                raise InputError(f"--data {given[1]}: give several variables by NAME=FILE")
            given = given[0]
    found = model_in_file(declared, Path(parameters), given, known)
    with progress(f"auditing {declared.name}"):
        audited = audit_model(found, quick=quick, updates=updates, tolerance=tolerance)
    if drawn is not None:
        draw(audited, drawn)
    if as_json:
        print_json(audited.as_dict())
    else:
        say(str(audited))
    if audited.stationary is None:
        return UNDECIDED
    return HOLDS if audited.stationary else FAILS
