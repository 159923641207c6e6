"""Equal nodes are what computes the same, and the graph is walked operands first."""

from sympy import Symbol

from entropy_proofs.code.ir import Input, Map, Operand, Total, ordered

N = Symbol("N", integer=True, positive=True)


def exponential(name):
    return Map("exp", operands=(Operand(Input(name), (0,)),), sizes=(N,))


def test_nodes_are_compared_by_what_they_compute():
    assert exponential("x") == exponential("x")
    assert hash(exponential("x")) == hash(exponential("x"))
    assert exponential("x") != exponential("y")
    assert Input("x") != exponential("x")
    assert len({exponential("x"), exponential("x"), Input("x")}) == 2


def test_operands_come_first_and_once():
    inner = exponential("x")
    twice = Total((False, True), operands=(Operand(inner, (0,)), Operand(inner, (0,))), sizes=(N,))
    assert list(ordered([twice, inner])) == [Input("x"), inner, twice]


def test_a_deep_graph_is_walked_and_hashed_at_once():
    """Each level uses the one below twice: written out, it has 2^60 nodes."""

    def tower():
        node = exponential("x")
        for _ in range(60):
            operand = Operand(node, (0,))
            node = Total((False, False), operands=(operand, operand), sizes=(N,))
        return node

    assert len(list(ordered([tower()]))) == 62
    assert hash(tower()) == hash(tower())
