"""Array code from symbolic expressions: an intermediate representation, passes and a printer."""
