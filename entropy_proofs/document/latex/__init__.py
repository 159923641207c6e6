"""Documents as LaTeX, and by it as PDF."""
