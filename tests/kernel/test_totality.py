"""Whatever a file holds, the answer is a line and a status, after bounded work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from kernel.fuzzing import mutated, outcome, refuted
from must_fail.pieces import S, X, gaussian, scaled
from must_fail.right import right
from oracle import documents as d

import entropy_proofs as ep
from entropy_proofs.judge.vouching import ModelKernel
from entropy_proofs.kernel import certificate as format_, refusal
from entropy_proofs.kernel.__main__ import checked, main
from entropy_proofs.kernel.certificate import check_document
from entropy_proofs.kernel.language.terms import Term
from entropy_proofs.kernel.normal.ring import Poly, factored

JSON = Any
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def test_mutated_certificates_are_answered_and_only_truths_accepted():
    random, said = Random(11), []
    documents = [found for _, found, _ in right()]
    for _ in range(400):
        made = mutated(random.choice(documents), random)
        said.append(outcome(made))
        if said[-1] in {"proved", "partial"}:
            assert not refuted(made), json.dumps(made)
    assert said.count("rejected") > 300


@settings(max_examples=80, deadline=None, derandomize=True)
@given(ANYTHING, st.sampled_from(["statement", "certificate", "sha256", "format", None]))
def test_any_json_is_answered(value, key):
    assert outcome(value if key is None else {**gaussian(), key: value}) in {
        "rejected",
        "no certificate",
    }


def test_no_file_is_a_status_of_two(tmp_path, capsys):
    files = {
        "empty": b"", "binary": bytes(range(256)), "text": b"proved", "null": b"null", "list": b"[]",
        "nan": b"NaN", "number": b"1", "deep": b"[" * 10**6, "half": b'{"format": 1,',
        "later": json.dumps({**gaussian(), "format": 2}).encode(),
        "true": json.dumps({**gaussian(), "format": True}).encode(),
        "float": json.dumps({**gaussian(), "format": 1.0}).encode(),
        "twice": json.dumps(gaussian()).replace('"format": 1', '"format": 1, "format": 1').encode(),
        "digits": b'{"format": ' + b"1" * 10_000 + b"}", "large": b" " * (format_.LARGEST + 1),
    }  # fmt: skip
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        found = checked(str(tmp_path / name))
        assert (found.status, found.verdict) == (2, "no certificate"), name
        assert found.line.count("\n") == 0
    for path in (tmp_path, tmp_path / "missing", "\0", ""):
        assert checked(str(path)).status == 2
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_of_several_files_the_highest_status_counts(tmp_path, capsys):
    texts = {"a": json.dumps(gaussian()), "b": json.dumps(gaussian(entropy="1")), "c": "[]"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    a, b, c = (str(tmp_path / name) for name in "abc")
    assert [main(files) for files in ([a], [a, b], [b, a], [a, c, b], [a, a])] == [0, 1, 1, 2, 0]
    assert f"{a}: verified, proved" in capsys.readouterr().out


def test_names_do_not_reach_the_terminal_as_they_are(tmp_path):
    """A label could otherwise end the line and write another verdict."""
    path = tmp_path / "file.json"
    for name in ("a\nfile.json: verified, proved", "\x1b[2K", "\ud800", "\u202e"):
        found = gaussian(entropy=d.element(name))
        path.write_text(json.dumps(found))
        for encoding in ("utf-8", "ascii"):
            done = subprocess.run(
                [sys.executable, "-m", "entropy_proofs.kernel", str(path)],
                capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding}, timeout=60,
            )  # fmt: skip
            assert done.returncode == 1
            lines = done.stdout.decode(encoding).splitlines()
            assert len(lines) == 1
            assert ": rejected: " in lines[0]
            assert lines[0].isprintable()
            assert done.stderr == b""


# bounded work -------------------------------------------------------------------------------------
def nested(n: int, around: Callable[[JSON], JSON], start: JSON = X) -> JSON:
    for _ in range(n):
        start = around(start)
    return start


def _cycle(n: int) -> JSON:
    return d.times(*(d.element("w", d.bound(k), d.bound((k + 1) % n)) for k in range(n)))


MOST_CALLS = 4_000_000  # reading 200,000 parts takes half of them
BIG = str(10**1900)
V = [d.label("v", "given", (4000,))]
W = [d.label("w", "given", ("K", "K"))]
LARGE: dict[str, Callable[[], JSON]] = {
    "a product of powers of two": lambda: gaussian(extra=d.times(*[d.power("2", "16000")] * 20_000)),
    "a sum of fractions": lambda: gaussian(extra=d.add(*(f"1/{BIG[:-4]}{k:04}" for k in range(1, 2000)))),
    "a product of long numbers": lambda: gaussian(extra=d.times(*[str(10**1990 + k) for k in range(5000)])),
    "logarithms of high powers": lambda: gaussian(d.label("w", "learned"), extra=d.add(*(d.log(d.add(d.power(X, "400"), d.power(d.element("w"), "400"), str(k))) for k in range(1, 200)))),
    "a huge exponent": lambda: gaussian(extra=d.power(X, "9" * 1900)),
    "an exponent of an exponent": lambda: gaussian(extra=nested(20, lambda t: d.power("10", t), "9")),
    "many labels": lambda: gaussian(*[d.label(f"w{k}", "learned") for k in range(20_000)]),
    "many variables": lambda: d.document([d.label(f"x{k}", "observed") for k in range(8_000)], [d.conditional(f"x{k}", "0") for k in range(8_000)], terms=[d.term("x0", "0")]),
    "a conditional for each coordinate": lambda: d.document([d.label("x", "observed", (5000,))], [d.conditional("x", "0", (), [d.at(k)], name=f"x{k}") for k in range(5000)], terms=[d.term("x0", "0")]),
    "a size of many names": lambda: gaussian({"name": "w", "role": "learned", "shape": [[[1, f"n{k}"] for k in range(20_000)]], "domain": ["real"]}, sizes={f"n{k}": 1 for k in range(20_000)}),
    "an array of a billion numbers": lambda: gaussian(d.label("w", "constant", (39,) * 6), conditions=[d.condition(d.element("w", *[d.at(0)] * 6))]),
    "many elements": lambda: gaussian(*V, extra=d.add(*(d.element("v", d.at(k)) for k in range(4000)))),
    "a product of binomials": lambda: gaussian(*V, extra=d.times(*(d.add(d.element("v", d.at(2 * k)), d.element("v", d.at(2 * k + 1))) for k in range(20)))),
    "powers of sums": lambda: gaussian(extra=d.times(d.power(d.add(X, S, "1"), "64"), d.power(d.add(X, S, "-1"), "64"))),
    "squares of squares": lambda: gaussian(extra=nested(12, lambda t: d.power(d.add(t, "1"), "2"))),
    "fractions of fractions": lambda: gaussian(extra=nested(7, lambda t: d.add(d.over("1", d.add(t, X)), d.over("1", d.add(t, S))))),
    "a long cycle of indices": lambda: gaussian(*W, extra=d.total(["K"] * 100, _cycle(100)), sizes={"K": 1}),
    "a sum over a thousand indices": lambda: gaussian(extra=d.total([2] * 1000, "1")),
    "recurrences of recurrences": lambda: gaussian(extra=nested(20, lambda t: d.apply("loggamma", d.add(t, "900")), S)),
    "derivatives of high order": lambda: gaussian(extra=d.add(*(d.apply("polygamma", "50", d.add(d.times(str(k + 2), S), "999")) for k in range(200)))),
    "nested maxima": lambda: gaussian(extra=nested(50, lambda t: d.apply("max", t, X))),
    "nested hyperbolic sines": lambda: gaussian(extra=nested(50, lambda t: d.apply("sinh", t))),
    "nested sums": lambda: gaussian(*W, extra=nested(25, lambda t: d.total(["K"], d.add(t, d.element("w", d.bound(0), d.bound(0))))), sizes={"K": 1}),
    "nested cases": lambda: gaussian(extra=nested(9, lambda t: ["case", ["test", "less", t, "0"], d.add(t, X), t])),
    "nested inverses": lambda: gaussian(*W, extra=nested(12, lambda t: ["inverse", d.size("K"), d.add(d.times(["delta", d.bound(0), d.bound(1)], t), d.element("w", d.bound(0), d.bound(1))), d.at(0), d.at(0)]), sizes={"K": 1}),
    "signs of many terms": lambda: gaussian(d.label("p", "given", (2000,), "unit interval"), extra=d.log(d.add("-1", *(d.times(d.element("p", d.at(k)), d.element("p", d.at(k + 1))) for k in range(1000))))),
    "a condition of nested exponentials": lambda: gaussian(d.label("a", "constant"), conditions=[d.condition(nested(40, lambda t: d.apply("exp", t), d.element("a")))]),
    "a sum of many indices in a condition": lambda: gaussian(d.label("a", "constant"), conditions=[d.condition(d.total([3] * 40, d.element("a")))]),
    "a large positive definite matrix": lambda: gaussian(d.label("C", "constant", (190, 190), "positive definite"), conditions=[d.condition(d.element("C", d.at(0), d.at(1)))]),
    "a flow whose rate is deep": lambda: scaled(nested(50, lambda t: d.apply("exp", t), "1")),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_work_is_bounded_by_counted_steps(name, monkeypatch):
    """Calls of the kernel's functions, with a tenth of the steps that it allows itself."""
    monkeypatch.setattr(refusal, "WORK", refusal.WORK // 10)
    made = LARGE[name]()
    calls = 0

    def count(frame: Any, event: str, _: Any) -> None:
        nonlocal calls
        calls += event == "call" and "entropy_proofs/kernel" in frame.f_code.co_filename
        if calls > MOST_CALLS:
            raise TimeoutError  # the kernel answers this as it does any error

    sys.setprofile(count)
    try:
        said = outcome(made)
    finally:
        sys.setprofile(None)
    assert said in {"rejected", "proved", "partial"}
    assert calls <= MOST_CALLS


def test_work_that_makes_no_calls_is_refused():
    """Long products and factors are made by one call each, however long they take."""
    made = LARGE["a product of long numbers"]()
    assert check_document(made).reason == "a number of too many digits"
    names = [f"x{k}" for k in range(700)]  # each depends on all that are declared after it
    steps = [
        d.normal(d.element(n), d.element(m) if m else "0", "1") for n, m in pairwise([*names, ""])
    ]
    chain = d.document(
        [d.label(n, "observed") for n in names],
        [d.conditional(n, step) for n, step in zip(names, steps, strict=True)],
        terms=[d.term("x0", "0")],
    )
    assert check_document(chain).reason == "too large to be checked"
    x, y = (Term("element", name) for name in "xy")
    for power, count in ((40, 5), (400, 1)):
        difference = Poly.atom(x, power) - Poly.atom(y, power)
        assert len(factored(difference)[1]) >= count, power
    assert factored(difference) == (1, [(difference, 1)])


def test_what_one_answer_used_up_is_not_missing_to_the_next(monkeypatch):
    monkeypatch.setattr(refusal, "WORK", 100)
    assert outcome(LARGE["a flow whose rate is deep"]()) == "rejected"
    monkeypatch.undo()
    model = ep.Model("a normal")
    model.observed("x", ep.Normal(mean=model.parameter("m"), variance=1))
    assert ModelKernel(model).unsupported is None


def test_threads_have_bounds_of_their_own():
    """One that ends within another's bound leaves none behind."""
    inside, ended = threading.Event(), threading.Event()
    left = []

    def other() -> None:
        with refusal.bounded(10):
            inside.set()
            ended.wait(timeout=60)
        refusal.spend(1_000)
        left.append(True)

    thread = threading.Thread(target=other)
    with refusal.bounded(5):
        thread.start()
        inside.wait(timeout=60)
        refusal.spend(5)
    ended.set()
    thread.join(timeout=60)
    refusal.spend(1_000)
    assert left == [True]
