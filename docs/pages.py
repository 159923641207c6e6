"""Executes pages in Markdown, so that what is committed of them is what their blocks show.

Blocks of a page run in their order, in one folder and one Python process: `python` (a first line
`# name.py` makes it a file, too), `pycon` with what each example shows, and `console` with what
each command prints.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
_WRITTEN_ELSEWHERE = HERE / "atlas"  # by `make atlas`
PAGES = (
    ROOT / "README.md",
    *sorted(path for path in HERE.rglob("*.md") if _WRITTEN_ELSEWHERE not in path.parents),
)
_BLOCK = re.compile(r"^```(python|pycon|console)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
_TIMEOUT = 600  # seconds, of a page


class PageError(Exception):
    """A block of a page raises, or a command fails to start."""


def executed(path: Path) -> str:
    """The page with what its blocks show now, from a process and a folder of its own.

    Raises:
        PageError: a Python block raises.
    """
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    sources = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(folders),
        "PYTHONPATH": os.pathsep.join(filter(None, sources)),
        "PYTHONIOENCODING": "utf-8",
    }
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "docs.pages", str(path)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_TIMEOUT,
        )
    if done.returncode:
        raise PageError(f"{path.name}: {done.stderr}")
    return done.stdout


def has_blocks(path: Path) -> bool:
    """Whether there is anything to run."""
    return bool(_BLOCK.search(path.read_text(encoding="utf-8")))


def kept(page: str, before: str) -> str:
    """A page as it is now, but with those blocks of before that differ in nothing that matters."""
    old = {comparable(block[0]): block[0] for block in _BLOCK.finditer(before)}
    return _BLOCK.sub(lambda block: old.get(comparable(block[0]), block[0]), page)


def comparable(text: str) -> str:
    """Text without what differs between runs and processors: seconds and rounding errors.

    >>> comparable("proved  (0.08 s), 1.8e-16")
    'proved  ((time)), (small)'
    """
    text = re.sub(r"\d+\.\d+ s\b|(?<=\"seconds\": )[\d.]+", "(time)", text)
    text = re.sub(r"-?\b\d(?:\.\d+)?e-(?:0[7-9]|[1-9]\d)\b", "(small)", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _run(page: str) -> str:
    """The page with what its blocks show, run here and in the current folder."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    runs = {"python": _python, "pycon": _session, "console": _console}

    def again(block: re.Match[str]) -> str:
        language, text = block.groups()
        return f"```{language}\n{runs[language](text, namespace)}```"

    return _BLOCK.sub(again, page)


def _python(text: str, namespace: dict[str, Any]) -> str:
    name = "block.py"
    if named := re.match(r"# (\w+\.py)\n", text):
        name = named[1]
        Path(name).write_text(text, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(text, name, "exec", dont_inherit=True), namespace)
    return text


def _session(text: str, namespace: dict[str, Any]) -> str:
    lines = []
    for example in doctest.DocTestParser().get_examples(text):
        first, *rest = example.source.splitlines()
        lines += [f">>> {first}", *(f"... {line}".rstrip() for line in rest)]
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            try:
                code = compile(example.source, "<example>", "single", dont_inherit=True)
                exec(code, namespace)
            except Exception as error:
                if example.exc_msg is None:
                    raise
                told = "".join(traceback.format_exception_only(error)).strip()
                print(f"Traceback (most recent call last):\n    ...\n{told}")
        lines += [line.rstrip() for line in shown.getvalue().splitlines()]
    return "\n".join(lines) + "\n"


def _commands(text: str) -> Iterator[str]:
    """Those of a console block, without what they print; `\\` goes on in the next line."""
    yield from re.findall(r"^\$ ((?:.*\\\n)*.*)$", text, flags=re.MULTILINE)


def _console(text: str, namespace: dict[str, Any]) -> str:
    shown = []
    for command in _commands(text):
        done = subprocess.run(
            ["sh", "-c", command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        if "Traceback (most recent call last)" in done.stdout or done.returncode > 3:
            raise PageError(f"{command}: {done.stdout}")
        lines = [line.rstrip() for line in done.stdout.splitlines()]
        shown += [f"$ {command}", *lines]
    return "\n".join(shown) + "\n"


if __name__ == "__main__":
    sys.stdout.write(_run(Path(sys.argv[1]).read_text(encoding="utf-8")))
