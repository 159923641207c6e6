"""Chains of steps: drawn, rewritten by true and by false rules, and judged by numbers."""
