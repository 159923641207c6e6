"""Real data sets and files."""
