"""`python -m docs` executes the notebooks again and keeps what they show."""

from docs.notebooks import NOTEBOOKS, executed, written

for path in NOTEBOOKS:
    path.write_text(written(executed(path)), encoding="utf-8")
