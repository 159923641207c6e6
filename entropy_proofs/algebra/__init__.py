"""Normal forms of expressions in general dimension, their derivatives, and the zero test.

The ring is given its reducer here, and the reducer its rules: nothing below knows what is above.
"""

from entropy_proofs.algebra import matrix_rules, normal, poly, scalar_rules, special

normal.RULES.update(scalar_rules.RULES | special.RULES | matrix_rules.RULES)
poly.Polynomial.reducer = normal.normal
