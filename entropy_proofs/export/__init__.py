"""Results as text, LaTeX, Markdown, JSON and pictures."""
