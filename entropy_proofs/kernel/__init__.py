"""The proof kernel: everything that a "proved" rests on, but for the lowering of a model to its
statement.  Imports the standard library and python-flint, nothing else.

language/       what is said                    normal/         when it is the same
  terms           the term language               ring            sums of products of atoms
  sizes           of arrays                       rules           one for each operator
  labels          roles and domains               few_rows        matrices that are written out
  statement       what is claimed, well formed    function_table  what is known of functions
  show            a statement in print            signs           what is known of signs
                                                  normal_forms    of all values
                                                  zero_test       of their differences
derivation      D along a field
definedness     what must hold for a value to be defined
drawn_points    what is seen at drawn points, in balls
found           what a certificate holds
checker         whether it proves its statement
certificate     JSON, and the way in
refusal         bounds on the work
"""
