"""Tests of the normal forms, sums, derivations and the zero test."""
