"""Whose memory an array takes, and what has a name."""

import sympy as sp
from sympy import Symbol

from entropy_proofs.code.ir import Input, Map, Operand, Product, Total, View, ordered
from entropy_proofs.code.routine import WIDTH, routine
from entropy_proofs.evaluate.batch import POINTS

LONG, WIDE = POINTS, Symbol("H", integer=True, positive=True)


def whole(array):
    """A matrix as an operand of a node that runs over its axes."""
    return Operand(array, (0, 1))


def total(*arrays, negative=()):
    signs = tuple(k in negative for k in range(len(arrays)))
    return Total(signs, operands=tuple(map(whole, arrays)), sizes=(LONG, WIDE))


def product(*arrays):
    return Product(sp.S.One, len(arrays), operands=tuple(map(whole, arrays)), sizes=(LONG, WIDE))


def function(array):
    """One whose code is so long that its value has a name."""
    return total(array, Input("z" * WIDTH))


def exponential(array):
    return Map("exp", operands=(whole(array),), sizes=(LONG, WIDE))


def lender(node, **results):
    """What lends a node its memory where these are the results."""
    results = results or {"a": node}
    lent = routine(ordered(results.values()), results, in_place=True).overwritten
    return node.operands[lent[node]].array if node in lent else None


def test_only_arrays_that_nothing_needs_are_used_again():
    x, y = Input("x"), Input("y")
    first = total(x, y)
    second = function(first)
    last = product(first, second)
    assert lender(first) is None  # inputs are only read
    assert lender(last) == first
    assert lender(last, a=last, b=first) == second
    assert lender(last, a=last, b=first, c=second) is None
    assert lender(last, a=last, b=function(last), c=total(last, first)) == second
    assert lender(total(y, first)) == first
    assert lender(total(y, first, negative={1})) is None  # -first would be yet another array
    assert lender(total(first, second, negative={1})) == first
    inline = total(first, exponential(first))
    assert lender(inline) is None  # in one line with what reads the other
    assert lender(product(first, first)) is None


def test_a_view_keeps_the_memory_that_it_is_of():
    first = total(Input("x"), Input("y"))
    turned = View(operands=(Operand(first, (1, 0)),), sizes=(LONG, LONG))
    last = total(first, function(first))
    assert lender(last) == first
    assert lender(last, a=last, b=turned) != first
    assert lender(last, b=turned, a=last) == function(first)  # the view is made before


def test_operands_of_another_shape_lend_nothing():
    row = Map("exp", operands=(Operand(Input("x"), (0,)),), sizes=(WIDE,))
    used = Operand(row, (1,)), whole(Input("y"))
    assert lender(Total((False, False), operands=used, sizes=(LONG, WIDE))) is None
    used = Operand(row, (0,)), Operand(Input("z"), (0,))
    assert (
        lender(Total((False, False), operands=used, sizes=(WIDE,))) is None
    )  # nothing is gained where data points are not counted


def test_results_are_computed_last_unless_their_operands_change():
    first = total(Input("x"), Input("y"))
    last = product(first, function(Input("x")))
    results = {"a": exponential(first), "b": last}
    steps = routine(ordered(results.values()), results, in_place=True).steps
    assert lender(last, **results) == first
    assert results["a"] in steps
    steps = routine(ordered(results.values()), results, in_place=False).steps
    assert results["a"] not in steps


def test_a_result_of_two_names_is_computed_once():
    node = exponential(Input("x"))
    assert routine([node], {"a": node, "b": node}, in_place=True).steps == (node,)
