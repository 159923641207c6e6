"""What the commands share: exit statuses, proofs of models, pages and progress."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from entropy_proofs.errors import InputError
from entropy_proofs.export import charset
from entropy_proofs.files import check_writable, write
from entropy_proofs.model import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from entropy_proofs.document.formats import Format
    from entropy_proofs.proving.proof import Proof

HOLDS, FAILS, UNUSABLE, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def prove_all(models: Iterable[str]) -> list[Proof]:
    """Load every model before proving any, so that bad input costs no time."""
    from entropy_proofs.proving.proof import prove as prove_model

    with contextlib.redirect_stdout(sys.stderr):
        loaded = [catalogue.load(model) for model in models]
    proofs = []
    for model in loaded:
        with progress(f"proving {model.name}"):
            proof = prove_model(model)
            proof.claims  # noqa: B018 - judged now, so that an unusable one is an error now
        proofs.append(proof)
    return proofs


def status(proof: Proof) -> int:
    verdicts = {proof.verdict.value, *(claim.verdict.value for claim in proof.claims)}
    if verdicts & {"refuted", "partial"}:
        return FAILS
    return UNDECIDED if "undecided" in verdicts else HOLDS


def checked_status(passed: bool, verdict: str) -> int:
    """Of a proof's numeric check: what is undecided is not expected to pass."""
    return HOLDS if passed else UNDECIDED if verdict == "undecided" else FAILS


def worst(statuses: Iterable[int]) -> int:
    found = set(statuses)
    return next((status for status in (FAILS, UNDECIDED) if status in found), HOLDS)


def one_or_all(records: list[dict[str, Any]]) -> Any:
    return records[0] if len(records) == 1 else records


def say(text: str, *, newline: bool = True, err: bool = False, color: bool | None = None) -> None:
    """Text on standard output or error, in the letters that it has; click would take UTF-8."""
    stream = sys.stderr if err else sys.stdout
    click.echo(charset.on(stream, text), file=stream, nl=newline, color=color)


def print_json(record: Any) -> None:
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
    if not charset.can_encode(sys.stdout, text):
        text = json.dumps(record, indent=2, allow_nan=False)
    say(text)


def output_of(
    output: str | None, form: Format, models: Sequence[str], *, as_json: bool
) -> Path | None:
    """The file to write, looked at before any work; None for standard output.

    Raises:
        InputError: it cannot be written, or there is none for what no terminal shows.
    """
    if output is None:
        if form.binary and not as_json:
            raise InputError(f"{form.name} needs a file: --output FILE{form.suffix}")
        return None
    if as_json:
        raise InputError("--json is printed: leave out --output")
    for model in models:
        check_writable(output, model)
    return check_writable(output, *models[:1] or ("",))


def write_out(contents: str | bytes, target: Path | None) -> None:
    """To a file whole or not at all, or to standard output."""
    if target is not None:
        write(target, contents)
    else:
        assert isinstance(contents, str)  # `output_of` asks for a file for bytes
        say(contents, newline=False)


def print_all(renderables: Iterable[Any]) -> None:
    """Pages one below the other; colours and the terminal's width only on a terminal."""
    from rich.console import Console

    on_terminal = sys.stdout.isatty()
    page = io.StringIO()  # of any letters: `say` spells those that standard output has not
    width = None if on_terminal else 100
    console = Console(file=page, force_terminal=on_terminal, width=width, highlight=False)
    for index, renderable in enumerate(renderables):
        if index:
            console.print()
        console.print(renderable)
    text = page.getvalue()
    if not on_terminal:
        text = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    say(text, newline=False, color=on_terminal)


@contextlib.contextmanager
def bar(label: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar on standard error, only on a terminal; what is yielded changes its `description`,
    `completed` or `total`."""
    if not sys.stderr.isatty():
        yield lambda **shown: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as shown:
        yield partial(shown.update, shown.add_task(label, total=total))


@contextlib.contextmanager
def progress(label: str) -> Iterator[None]:
    """A spinner on standard error while a long step runs, only on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{label} ..."):
        yield
