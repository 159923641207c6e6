"""Models that are in nobody's catalogue, with what a hand derivation gives for them.

Each builder returns a model and what to expect; entropies are sums over all coordinates, in nats,
as functions of the numbers (NumPy) of parameters and variables by name.
"""

from handmade import graphs, links, over_time, parametrisations, rows

BUILDERS = [
    builder
    for module in (parametrisations, graphs, links, over_time, rows)
    for name, builder in vars(module).items()
    if not name.startswith("_") and getattr(builder, "__module__", "") == module.__name__
]

__all__ = ["BUILDERS"]
