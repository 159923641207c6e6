"""README is one screen, and leads to what there is. What it shows is run by `docs/`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.end_to_end

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_shows_the_two_commands():
    assert "make report" in README
    assert "make test" in README


def test_readme_is_one_screen():
    assert len(README.splitlines()) <= 60
    assert README.count("![") == 1
    (model,) = re.findall(r"^```python\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    assert len(model.splitlines()) <= 12


def test_readme_leads_to_every_page_of_the_manual():
    """Or to one that does: the index has all of them."""
    for page in ("start.md", "theory/identity.md", "theory/trust.md", "language.md", "limits.md"):
        assert f"(docs/{page})" in README
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    named = set()
    for contents in re.findall(r"^```\{toctree\}\n(.*?)^```", index, flags=re.M | re.S):
        named |= {re.sub(r".*<(.*)>", r"\1", line) for line in contents.splitlines()}
    pages = {
        path.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for suffix in ("md", "ipynb")
        for path in (ROOT / "docs").rglob(f"*.{suffix}")
    }
    assert {page for page in pages if not page.startswith("atlas/")} - named == {"index"}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\((?!https?:|#)([^)#]+)", README))))
def test_a_link_leads_to_a_file(target):
    assert (ROOT / target).exists()
