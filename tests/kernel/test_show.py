"""Terms in print: what a reader compares with the paper."""

from __future__ import annotations

import pytest
from kernel.building import term
from oracle import documents as d

from entropy_proofs.kernel.language.show import term_text
from entropy_proofs.kernel.language.terms import Term

X, S, W = d.element("x"), d.element("s"), d.element("w", d.bound(0))
C = d.element("C", d.bound(0), d.bound(1))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("-3/2", "-3/2"), (d.PI, "π"), (["size", d.size("2*K - 1")], "2*K - 1"),
        (d.add(), "0"), (d.times(), "1"), (d.add(X, S), "x + s"), (d.add(X, d.minus(S)), "x - s"),
        (d.minus(d.add(X, S)), "-(x + s)"), (d.times("-2", X, S), "-2 x s"),
        (d.times("1/2", d.add(X, "1")), "1/2 (x + 1)"), (d.times(d.add(X, S), X), "(x + s) x"),
        (d.times(X, "-1"), "x (-1)"), (d.times(X, d.times(S, S)), "x (s s)"),
        (d.power(d.add(X, S), "2"), "(x + s)^2"), (d.power(d.power(X, "2"), "-1"), "(x^2)^(-1)"),
        (d.power(S, "1/2"), "s^(1/2)"), (d.times(S, d.power(X, "2")), "s x^2"),
        (d.apply("max", X, d.add(S, "1")), "max(x, s + 1)"), (["partial", 0, "besselk", X, S], "∂0besselk(x, s)"),
        (d.element("w", d.at("K - 1")), "w[K - 1]"), (d.element("w", ["plus", d.element("c"), []]), "w[c]"),
        (["delta", d.element("c"), d.at(1)], "δ(c, 1)"), (["index", d.element("c")], "c"),
        (["case", ["test", "less", X, "0"], S, d.add(X, "1")], "[s if x < 0 else x + 1]"),
        (["case", ["test", "at-most", X, "0"], S, "1"], "[s if x ≤ 0 else 1]"),
        (d.total(["K"], d.add(W, "1")), "∑_{i<K} (w[i] + 1)"), (d.total(["K", "M"], d.element("w", d.bound(0))), "∑_{i<K, j<M} w[i]"),
        (d.total(["K - 1"], d.element("w", d.bound(0, 1))), "∑_{i<K - 1} w[i + 1]"),
        (d.add(d.total(["K"], W), d.minus(d.total(["K"], W))), "∑_{i<K} w[i] - (∑_{j<K} w[j])"),
        (["logdet", d.size("K"), C], "log det (C[i, j])_{i<K, j<K}"),
        (["inverse", d.size("K"), C, d.at(0), d.at(1)], "inv(C[i, j])_{i<K, j<K}[0, 1]"),
        (["map", "f", None, ["vector", d.size("K"), W], X], "f((w[i])_{i<K}, x)"),
        (["map", "f", d.at(1), X], "f(x)[1]"),
    ],
)  # fmt: skip
def test_a_value_reads_as_it_is_bracketed(value, text):
    assert term_text(term(value)) == text


def test_a_sum_names_its_index_apart_from_those_shown_already():
    shown = Term("add", Term("shown", "i"), term(d.total(["K"], W)))
    assert term_text(shown) == "i + ∑_{j<K} w[j]"
