"""Every block of the manual and of README is run, and shows what is committed of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.pages import PAGES, ROOT, PageError, comparable, executed, has_blocks, kept

pytestmark = pytest.mark.end_to_end

RUN = [page for page in PAGES if has_blocks(page)]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", RUN, ids=name)
def test_a_page_shows_what_its_blocks_do(page):
    """If not: `python -m docs PAGE` writes what they show now."""
    before = page.read_text(encoding="utf-8")
    assert comparable(executed(page)) == comparable(before)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_all_blocks_are_run(page):
    """But for drawings and text, and for what installs and makes, whose targets exist."""
    text = page.read_text(encoding="utf-8")
    fences = re.findall(r"^```(\S*).*?\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    languages = {language for language, _ in fences if not language.startswith("{")}
    assert languages <= {"python", "pycon", "console", "sh", "text"}
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    for language, block in fences:
        for command in block.splitlines() if language == "sh" else ():
            verb, _, rest = command.partition(" ")
            assert (verb == "make" and f"\n{rest}:" in made) or command.startswith("pip install ")


def page_of(folder: Path, text: str) -> Path:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_blocks_of_a_page_go_on_from_each_other(tmp_path):
    page = page_of(
        tmp_path,
        "```python\n# two.py\na = 2\n```\n\n```console\n$ cat two.py | tail -n 1\nwrong\n```\n\n"
        "```pycon\n>>> a\n3\n>>> for k in range(2):\n...     print(k)\n>>> None\n```\n",
    )
    assert executed(page) == page.read_text(encoding="utf-8").replace("wrong", "a = 2").replace(
        "3\n>>> for k in range(2):\n...     print(k)\n",
        "2\n>>> for k in range(2):\n...     print(k)\n0\n1\n",
    )


def test_an_error_is_shown_where_it_is_meant_alone(tmp_path):
    session = ">>> 1 / 0\nTraceback (most recent call last):\n    ...\nZeroDivisionError: x\n"
    shown = executed(page_of(tmp_path, f"```pycon\n{session}```\n"))
    assert "ZeroDivisionError: division by zero" in shown
    with pytest.raises(PageError, match="division by zero"):
        executed(page_of(tmp_path, "```pycon\n>>> 1 / 0\n```\n"))
    with pytest.raises(PageError, match="division by zero"):
        executed(page_of(tmp_path, "```python\n1 / 0\n```\n"))
    with pytest.raises(PageError, match="no_such_command"):
        executed(page_of(tmp_path, "```console\n$ no_such_command\n```\n"))


def test_seconds_and_rounding_errors_do_not_matter_and_all_else_does():
    before = "```console\n$ a\nproved (0.08 s), 1.1e-16\n```\n"
    now = before.replace("0.08", "9.13").replace("1.1e-16", "2.2e-16")
    assert kept(now, before) == before
    assert comparable(now) == comparable(before)
    for other in (before.replace("proved", "refuted"), before.replace("e-16", "e-3")):
        assert kept(other, before) == other
        assert comparable(other) != comparable(before)
