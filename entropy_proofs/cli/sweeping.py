"""What `verify` does with many runs: the executor, the progress bar, and what Ctrl-C leaves."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

from entropy_proofs.cli.terminal.shared import bar
from entropy_proofs.errors import InputError
from entropy_proofs.files import shortened

if TYPE_CHECKING:
    from entropy_proofs.sweeps.sweep import Progress, Sweep

ANSWER_WITHIN = "5s"


class Interrupted(Exception):
    """Ctrl-C, or a cluster that went away; the message says what is kept and how to go on."""


def run_sweep(
    models: Sequence[str],
    data: Sequence[Any],
    seeds: int,
    starts: int,
    jobs: int | None,
    dask: str | None,
    results: str | None,
) -> Sweep:
    """A sweep with its progress on standard error, if that is a terminal.

    Raises:
        Interrupted: before all was done.
        InputError: unusable input, or no Dask scheduler at the address.
    """
    from entropy_proofs.sweeps.sweep import sweep
    from entropy_proofs.sweeps.workers import ExecutorLost

    done = total = 0

    # A model file may print.
    with _progress() as show, _executor(dask) as executor, contextlib.redirect_stdout(sys.stderr):

        def update(now: int, failed: int, of: int) -> None:
            nonlocal done, total
            done, total = now, of
            show(now, failed, of)

        try:
            return sweep(models, data, seeds, starts, executor, results, jobs=jobs, progress=update)
        except (KeyboardInterrupt, ExecutorLost) as error:
            reason = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
    if not done:
        raise Interrupted(f"{reason}: no run was done yet")
    if results:
        raise Interrupted(
            f"{reason}: {done} of {total} runs are kept in {results}; "
            "the same command does the others"
        )
    raise Interrupted(
        f"{reason}: {done} of {total} runs were done and are lost; "
        "with --results FILE.sqlite the same command would go on from there"
    )


@contextlib.contextmanager
def _executor(address: str | None) -> Iterator[Executor | None]:
    """Dask's executor at an address; None without one."""
    if address is None:
        yield None
        return
    try:
        from distributed import Client
        from distributed.comm import resolve_address
    except ImportError:
        raise InputError("--dask needs: pip install 'entropy-proofs[dask]'") from None
    for library in ("distributed", "tornado", "asyncio"):  # a lost scheduler is told in one line
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)
    try:
        resolve_address(address)  # a client that cannot takes long to give up
        client = Client(address, timeout=ANSWER_WITHIN, set_as_default=False)
    except Exception as error:  # of any kind, as the address may name any transport
        raise InputError(f"no Dask scheduler answers at {shortened(address)}: {error}") from None
    try:
        yield client.get_executor(pure=False)
    finally:
        with contextlib.suppress(Exception):  # there may be nobody to say good-bye to
            client.close(timeout=ANSWER_WITHIN)


@contextlib.contextmanager
def _progress() -> Iterator[Progress]:
    with bar("loading models") as update:

        def show(done: int, failed: int, total: int) -> None:
            said = f"{failed} failed" if failed else "verifying"
            update(description=said, completed=done, total=total)

        yield show
