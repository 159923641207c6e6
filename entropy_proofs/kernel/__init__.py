"""The proof kernel: everything that a "proved" rests on, but for the lowering of a model to its
statement.  Imports the standard library and python-flint, nothing else.

terms        the term language            statement    what is claimed, if it is well formed
ring         sums of products of atoms    checker      whether a certificate proves its statement
algebra      normal forms, zero test      definedness  what must hold for a value to be defined
rules        one for each operator        balls        what is seen at drawn points
functions    the table of functions       certificate  JSON, and the way in
signs        what is known of signs       show         a statement in print
derivation   D along a field              refusal      bounds on the work
"""
