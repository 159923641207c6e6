"""`python -m entropy_proofs.atlas FOLDER`: the atlas as sources for Sphinx, and files beside them.

Proofs are found anew and each certificate is re-checked as its page is written.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

from entropy_proofs import families as known_families
from entropy_proofs.atlas.facts import alike
from entropy_proofs.atlas.family_page import FamilyPage, family_page
from entropy_proofs.atlas.index_page import index_page
from entropy_proofs.atlas.model_page import FILES, ModelPage, model_page
from entropy_proofs.atlas.recorded import Recorded, recorded
from entropy_proofs.errors import InputError
from entropy_proofs.export.family_table import family_classes
from entropy_proofs.families.scalar import Density
from entropy_proofs.model import catalogue
from entropy_proofs.proving.processes import begin_worker
from entropy_proofs.proving.proof import prove

EXTRA = Path("extra", "atlas")  # what the site holds as it is


def write_atlas(
    folder: Path, reports: Recorded, names: Sequence[str], laws: Sequence[str], jobs: int = 1
) -> None:
    """Write the pages of some models and families into a folder, which is emptied first."""
    model = partial(_model, reports=reports)
    if jobs == 1:
        models, families = list(map(model, names)), list(map(_family, laws))
    else:
        fresh = multiprocessing.get_context("spawn")  # a fork of BLAS threads can hang
        with ProcessPoolExecutor(jobs, mp_context=fresh, initializer=begin_worker) as pool:
            families_later = pool.map(_family, laws)
            models, families = list(pool.map(model, names)), list(families_later)
    if folder.is_dir():
        shutil.rmtree(folder)
    facts = [m.facts for m in models]
    sources = [index_page(facts, families)]
    for m in models:
        sources += [m.source(alike(m.facts, facts)), *m.more]
    for law in families:
        sources.append(law.source([f for f in facts if law.name in f.families]))
    for source in sources:
        _write(folder / f"{source.path}.md", source.text)
    for m in models:
        for name, text in m.files.items():
            _write(folder / EXTRA / FILES / name, text)
    table = json.dumps([asdict(f) for f in facts], indent=1, ensure_ascii=False)
    _write(folder / EXTRA / "models.json", table + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 once all is written, 2 where the reports cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m entropy_proofs.atlas", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pages go")
    parser.add_argument("--reports", type=Path, default=Path("reports"), help="of `make report`")
    parser.add_argument("--models", nargs="*", default=catalogue.names(), help="only these")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    chosen = parser.parse_args(arguments)
    try:
        for name in chosen.models:
            catalogue.path_of(name)
        reports = recorded(chosen.reports)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    write_atlas(chosen.folder, reports, chosen.models, family_names(), chosen.jobs)
    print(f"wrote {chosen.folder}", file=sys.stderr)
    return 0


def family_names() -> list[str]:
    """The families that have pages: all but one that is told by its formula.

    >>> family_names()[:2]
    ['Bernoulli', 'Beta']
    """
    return [cls.__name__ for cls in family_classes() if cls is not Density]


def _model(name: str, reports: Recorded) -> ModelPage:
    start = time.perf_counter()
    found = model_page(prove(name), reports)
    print(f"{name}: {found.facts.verdict} ({time.perf_counter() - start:.1f} s)", file=sys.stderr)
    return found


def _family(name: str) -> FamilyPage:
    start = time.perf_counter()
    found = family_page(getattr(known_families, name))
    print(f"{name}: {found.verdict} ({time.perf_counter() - start:.1f} s)", file=sys.stderr)
    return found


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
