"""Models: drawn as plain descriptions, built, proved, and judged in NumPy.

What is not judged: that a field exists at every point (random and special ones are tried, with
sizes 1 to 3), that a refutation beyond the flows and sizes it states is right, constructed
stationary points, and claims.  Least squares speaks of the sizes and numbers that it draws, so an
undecided answer beside a solution is counted as missed, never as wrong.
"""
