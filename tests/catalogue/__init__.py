"""Every catalogue model against numbers that share no code with the symbolic engine.

numeric_language.py and numeric_families.py run a model file on concrete numbers; evaluator.py
computes the engine's fields, entropies and base measures; instances.py puts both together.
"""
