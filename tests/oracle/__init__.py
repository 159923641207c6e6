"""Everything by another route: shares no code with the engine, and imports nothing of it.

* expressions.py: the number that a SymPy expression is, in one of the arithmetics of arithmetic.py
  (real numbers, principal branches, arrays of floats); numbers.py draws numbers for a model's
  labels, shift.py moves them along a field.
* language.py runs a model file on concrete numbers, with the densities of distributions.py, which
  quadrature.py integrates over their supports.
* certificates.py evaluates both sides of what a certificate's JSON states; documents.py writes
  such documents by hand.
"""
