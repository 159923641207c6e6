"""A sweep's results in SQLite: one row for each run, written whole as soon as it is done."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from entropy_proofs.errors import InputError
from entropy_proofs.files import shortened
from entropy_proofs.points.fits import StationaryPoint
from entropy_proofs.points.verify import Verification
from entropy_proofs.proof.verdict import Verdict
from entropy_proofs.sweeps.runs import Run, RunKey, RunOutcome

SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    model TEXT NOT NULL,             -- its name
    source TEXT NOT NULL,            -- catalogue name or path
    dataset TEXT NOT NULL,           -- what the user called the data
    passed INTEGER NOT NULL,
    verdict TEXT NOT NULL,           -- of the proof; empty if there was none
    reason TEXT NOT NULL,            -- why it did not pass; empty if it did
    points INTEGER,                  -- from here on NULL if the run raised
    max_identity_residual REAL,      -- NULL for NaN, too
    max_identity_residual_mpmath REAL,
    stationary_points TEXT,          -- JSON, numbers in nats per data point
    failure TEXT,
    seconds REAL NOT NULL,
    model_hash TEXT NOT NULL,
    data_identity TEXT NOT NULL,
    seed INTEGER NOT NULL,
    start INTEGER NOT NULL,
    software TEXT NOT NULL,
    UNIQUE (model_hash, data_identity, seed, start, software)
)
"""
INSERT = f"INSERT OR IGNORE INTO runs VALUES ({', '.join('?' * 17)})"
SELECT = (
    "SELECT model_hash, data_identity, seed, start, software, model, verdict, reason, points, "
    "max_identity_residual, max_identity_residual_mpmath, stationary_points, failure, seconds "
    "FROM runs"
)


class ResultStore:
    """The file of a sweep's results; every `add` is a transaction.

    Failed runs are results as well, and are kept. To have them done again:
    `sqlite3 FILE "DELETE FROM runs WHERE NOT passed"`.

    Raises:
        InputError: the file cannot be read or written, is no SQLite database, or the disk is full.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = path
        with self._reported():
            self._connection = sqlite3.connect(path, timeout=30, isolation_level=None)
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("BEGIN IMMEDIATE")  # a read-only file fails now
                self._connection.execute(SCHEMA)
                self._connection.execute("COMMIT")
                self._connection.execute(f"{SELECT} LIMIT 0")  # as does a table of other columns
            except BaseException:
                self._connection.close()
                raise

    def finished(self) -> dict[RunKey, RunOutcome]:
        """All runs that the file holds.

        Raises:
            InputError: a row is damaged; the message says which.
        """
        with self._reported():
            rows = self._connection.execute(SELECT).fetchall()
        return dict(self._read(row, number) for number, row in enumerate(rows, 1))

    def _read(self, row: tuple[Any, ...], number: int) -> tuple[RunKey, RunOutcome]:
        try:
            *key, model, verdict, reason, points, residual, exact, found, failure, seconds = row
            _check_kinds(str, *key[:2], key[4], model, verdict, reason)
            _check_kinds(int, *key[2:4])
            if verdict:
                Verdict(verdict)
            _check_kinds(float, seconds)
            if points is not None:
                _check_kinds(int, points)
                _check_kinds(str, found, failure)
                _check_kinds(float, *(r for r in (residual, exact) if r is not None))
            return RunKey(*key), _outcome(*row[5:])
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
            raise InputError(
                f"{shortened(self.path)}: run {number} is damaged ({error or 'unreadable'}); "
                'sqlite3 FILE "DELETE FROM runs WHERE rowid = ..." drops it'
            ) from None

    def add(self, model: str, run: Run, outcome: RunOutcome) -> None:
        """Write a run's row, unless the file has it. model: the model's name."""
        found = outcome.verification
        numbers = (None,) * 5 if found is None else _numbers(found)
        row = (
            model, run.source, run.data.label, outcome.passed, outcome.verdict, outcome.reason,
            *numbers, outcome.seconds, *run.key,
        )  # fmt: skip
        with self._reported():
            self._connection.execute(INSERT, row)

    def __enter__(self) -> ResultStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OverflowError, ValueError) as error:
            raise InputError(
                f"{shortened(self.path)}: results cannot be kept there: {error}"
            ) from error


def _check_kinds(kind: type, *values: object) -> None:
    """Raises TypeError for a value that is none of a kind, as SQLite stores anything anywhere."""
    for value in values:
        if not isinstance(value, (int, float) if kind is float else kind):
            raise TypeError(f"{str(value)[:40]!r} is no {kind.__name__}")


def _numbers(found: Verification) -> tuple[object, ...]:
    points = [
        {name: _or_none(value) for name, value in asdict(point).items()}
        for point in found.stationary_points
    ]
    return (
        found.points,
        _or_none(found.max_identity_residual),
        _or_none(found.max_identity_residual_mpmath),
        json.dumps(points, ensure_ascii=False, allow_nan=False),
        found.failure,
    )


def _or_none(value: object) -> object:
    """JSON has no NaN and no infinity, and SQLite no NaN."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _outcome(
    model: str,
    verdict: str,
    reason: str,
    points: int | None,
    residual: float | None,
    residual_mpmath: float | None,
    stationary_points: str,
    failure: str,
    seconds: float,
) -> RunOutcome:
    if points is None:
        return RunOutcome(verdict, None, reason, seconds)
    found = Verification(
        model,
        points,
        math.nan if residual is None else residual,
        math.nan if residual_mpmath is None else residual_mpmath,
        _points(stationary_points),
        failure,
    )
    return RunOutcome(verdict, found, reason, seconds)


def _points(text: str) -> tuple[StationaryPoint, ...]:
    records = json.loads(text)
    _check_kinds(list, records)
    return tuple(map(_point, records))


def _point(record: dict[str, Any]) -> StationaryPoint:
    signs = record.pop("signs")
    texts = {"kind", "dataset", "fitted_by"}
    _check_kinds(str, *(record[n] for n in texts))
    _check_kinds(float, *(v for n, v in record.items() if n not in texts and v is not None))
    numbers: dict[str, Any] = {n: math.nan if v is None else v for n, v in record.items()}
    return StationaryPoint(**numbers, signs=None if signs is None else tuple(signs))
