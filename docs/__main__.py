"""`python -m docs [FILE...]` executes the notebooks and pages again and keeps what they show."""

import sys
from pathlib import Path

from docs import notebooks, pages

named = {Path(name).resolve() for name in sys.argv[1:]}
for path in notebooks.NOTEBOOKS:
    if not named or path in named:
        path.write_text(notebooks.written(notebooks.executed(path)), encoding="utf-8")
for path in pages.PAGES:
    if (not named or path in named) and pages.has_blocks(path):
        before = path.read_text(encoding="utf-8")
        path.write_text(pages.kept(pages.executed(path), before), encoding="utf-8")
