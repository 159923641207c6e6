"""How Sphinx builds the manual and, where `make atlas` has written it, the atlas."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from entropy_proofs.version import __version__  # noqa: E402 - found by the path above

project = "entropy-proofs"
author = "The entropy-proofs founders"
project_copyright = author
release = version = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.githubpages",  # .nojekyll: folders that begin with _ are served
    "docs.accessible",
    "docs.docstrings",
    "docs.mathematics",
    "docs.once",
]
#: `atlas/extra` goes to the site as it is; `atlas` itself is written by `make atlas`.
exclude_patterns = ["atlas/extra", "_build"]

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks show what `make tutorial` stored, and a test holds them to it
nb_ipywidgets_js = {}  # nothing is fetched from elsewhere

default_role = "code"
smartquotes = False  # what stands in quotes is often code
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
add_module_names = False

html_theme = "furo"
html_title = "entropy-proofs"
html_static_path = ["_static"]
html_css_files = ["manual.css", "atlas.css"]
html_js_files = [("atlas.js", {"defer": "defer"})]
html_extra_path = ["atlas/extra"] if (HERE / "atlas/extra").is_dir() else []
html_math_renderer = "mathml"
html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_permalinks_icon = "#"
html_use_index = True
html_theme_options = {
    "navigation_with_keys": True,
    "footer_icons": [],
}

_DOOR = "[**Atlas** Every model's sum, its proof and evidence, to look up](atlas/index.md)"
_ATLAS = """
```{toctree}
:hidden:
:caption: Results

atlas/index
```
"""


def _with_atlas(app: Any, name: str, source: list[str]) -> None:
    """Gives the atlas its place on the first page, where it was written."""
    if name == "index" and (HERE / "atlas/index.md").is_file():
        source[0] = source[0].replace("\n::::\n", f"\n{_DOOR}\n::::\n", 1) + _ATLAS


def setup(app: Any) -> None:
    app.connect("source-read", _with_atlas)
