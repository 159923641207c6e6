"""`entropy-proofs codegen`."""

from __future__ import annotations

import click

from entropy_proofs.cli.terminal.shared import HOLDS, as_json, print_json, progress, prove_all, say
from entropy_proofs.code.backends import serving


@click.command()
@click.argument("model")
@click.option(
    "--backend",
    type=click.Choice(serving("codegen")),
    default="numpy",
    help="The library that the code uses.",
)
@click.option(
    "--expectation",
    type=click.Choice(["samples", "analytic", "quadrature"]),
    default="samples",
    help="Average over samples of q, in closed form, or that with Gauss-Hermite nodes.",
)
@click.option(
    "--covariance",
    type=click.Choice(["diagonal", "full"]),
    default="diagonal",
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
    from entropy_proofs.files import check_writable, write

    target = None if output is None else check_writable(output, model)
    (proof,) = prove_all([model])
    from entropy_proofs.standalone.codegen import codegen as code_of

    with progress(f"writing code for {proof.model.name}"):
        code = code_of(proof, backend, expectation, covariance)
    if target is not None:
        write(target, code)
    if as_json:
        print_json({"model": proof.model.name, "backend": backend, "code": code})
    elif target is None:
        say(code, newline=False)
    return HOLDS
