"""Executes notebooks, so that what is committed of them is what their cells show."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
NOTEBOOKS = tuple(sorted(HERE.glob("*.ipynb")))
#: Rounding errors and the numbers that they stand beside, which differ between processors.
_ROUNDING = re.compile(r"-?(?:\d(?:\.\d+)?e-(?:0[7-9]|[1-9]\d)|0\.0e\+00)")
_TIMEOUT = 600  # seconds, of one cell


def executed(path: Path) -> Any:
    """The notebook with the outputs of its cells, which run where nothing else is.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raises.
    """
    notebook = nbformat.read(path, as_version=4)
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    sources = [str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join(folders),
        "PYTHONPATH": os.pathsep.join(filter(None, sources)),
    }
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=_TIMEOUT,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            coalesce_streams=True,
        )
        client.execute(env=environment)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
    }
    return notebook


def written(notebook: Any) -> str:
    """Its file: JSON in a fixed order, which `git diff` can show."""
    return nbformat.writes(notebook, version=4) + "\n"


def outputs(notebook: Any) -> list[str]:
    """What each cell shows, in all its forms, without rounding errors."""
    shown = []
    for cell in notebook.cells:
        parts = []
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                parts.append(f"{output.name}: {output.text}")
            else:
                parts += [f"{kind}: {data}" for kind, data in sorted(output.data.items())]
        shown.append(_ROUNDING.sub("≈0", "\n".join(parts)))
    return shown
