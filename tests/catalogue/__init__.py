"""Every catalogue model against numbers that share no code with the symbolic engine.

oracle/language.py runs a model file on concrete numbers, oracle/expressions.py computes the
engine's fields, entropies and base measures; instances.py puts both together.
"""
