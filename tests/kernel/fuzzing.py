"""Random structural mutations of certificates: subtrees replaced by other JSON.

`python -m kernel.fuzzing COUNT [SEED]` in tests/ tries many and prints what is accepted or odd.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from must_fail.right import right
from oracle.certificates import is_defined_somewhere, states_a_truth
from oracle.documents import signed

from entropy_proofs.kernel.certificate import NotACertificate, check_document

JSON = Any
ODD: tuple[JSON, ...] = (
    None, True, False, 0, -1, 1, 10**9, 10**30, 0.5, float("inf"), float("nan"), "", "0", "1/0", "-0",
    "--1", "1/2/3", "²", "9" * 50, "x" * 3000, "\ud800", "a\nb", [], {}, [[]], [None], ["add"],
    ["multiply"], ["sum", [], "1"], ["element"], ["element", "x"], ["index", ["bound", 0]],
    ["bound", 5], ["at", []], ["at", [[1, "oo"]]], ["plus", ["bound", 0], [[-1]]], [[1]], [[-1, "D"]],
    ["power", "0", "-1"], ["power", "-8", "1/3"], ["apply", "log", "0"], ["apply", "loggamma", "-1"],
    ["inverse", [[2]], "1", ["at", [[0, "D"]]], ["at", []]], ["logdet", [[2]], "0"],
    ["map", "f", None], ["delta", ["at", []], ["at", []]], ["apply", "zeta", "1"],
    ["case", ["test", "less", "0", "1"], "1", "0"], ["partial", 0, "zeta", "2"],
)  # fmt: skip


def paths(value: JSON, path: tuple = ()) -> Iterator[tuple]:
    yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        yield from paths(inner, (*path, key))


def mutated(document: JSON, random: Random) -> JSON:
    """One to three subtrees replaced by odd values or by other subtrees; signed, as a rule."""
    copy = deepcopy(document)
    for _ in range(random.randint(1, 3)):
        places = [p for p in paths(copy) if p and p != ("sha256",)]
        *parent, key = random.choice(places)
        inner = _at(copy, parent)
        change = random.random()
        if change < 0.5:
            inner[key] = deepcopy(random.choice(ODD))
        elif change < 0.9:
            inner[key] = deepcopy(_at(copy, random.choice(places)))
        elif isinstance(inner, list):
            inner.insert(key, deepcopy(random.choice(ODD)))
        else:
            inner[random.choice(["note", "name", ""])] = deepcopy(random.choice(ODD))
    try:
        return signed(copy) if random.random() < 0.95 else copy
    except (KeyError, UnicodeEncodeError):
        return copy


def _at(value: JSON, path: Any) -> JSON:
    for step in path:
        value = value[step]
    return value


def outcome(document: JSON) -> str:
    """What is said of it: a verdict, or that it is none; anything else raises."""
    try:
        found = check_document(document)
    except NotACertificate:
        return "no certificate"
    assert isinstance(found.reason, str)
    assert found.reason.isprintable()
    assert len(found.reason) <= 300
    return found.verdict


def main(count: int, seed: int) -> None:
    random, seen = Random(seed), {}
    documents = [d for _, d, _ in right()]
    for k in range(count):
        made = mutated(random.choice(documents), random)
        said = outcome(made)
        seen[said] = seen.get(said, 0) + 1
        if said in {"proved", "partial"} and refuted(made):
            print(k, said, json.dumps(made))
    print(seen)


def refuted(document: JSON) -> bool:
    """Whether what was accepted is seen to be false, where it can be evaluated at all."""
    if any(least > 9 for least in document["statement"]["sizes"].values()):
        return False
    return is_defined_somewhere(document) and not states_a_truth(document)


if __name__ == "__main__":
    main(int(sys.argv[1]), int((sys.argv[2:] or ["0"])[0]))
