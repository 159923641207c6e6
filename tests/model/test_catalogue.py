"""The catalogue, and model files of the user's own."""

from __future__ import annotations

import builtins
import re
from pathlib import Path

import pytest

import entropy_proofs as ep
from entropy_proofs.model import catalogue

GOOD = '''"""A title.

The source."""
from entropy_proofs import Model, Normal

model = Model("Scalar Gaussian")
s = model.parameter("s", domain="positive")
x = model.observed("x", Normal(mean=0, variance=s))
'''


@pytest.fixture
def write(tmp_path: Path):
    def write_file(text: str, name: str = "my_model.py") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def error_of(name_or_path) -> str:
    with pytest.raises(ep.InputError) as caught:
        catalogue.load(name_or_path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_names_are_the_sorted_stems_of_the_folder():
    folder = Path(__file__).parents[2] / "derivations"
    assert catalogue.names() == sorted(path.stem for path in folder.glob("*.py"))
    assert len(catalogue.names()) >= 11


def test_every_catalogue_model_loads_and_states_its_source():
    for name in catalogue.names():
        assert catalogue.path_of(name).stem == name
        title, _, source = catalogue.source(name).partition("\n")
        assert title.endswith("."), name
        assert len(title) <= 100, name
        model = catalogue.load(name)
        assert isinstance(model, ep.Model), name
        assert re.search(r"\b(1[789]|20)\d\d[a-z]?\b|arXiv", title + source), name
        assert catalogue.group(name) == model.group, name  # read from the file


def test_load_takes_a_path_or_a_string(write):
    path = write(GOOD)
    assert ep.load(path).name == ep.load(str(path)).name == "Scalar Gaussian"


def test_load_runs_the_file_afresh_every_time(write):
    path = write(GOOD)
    assert ep.load(path) is not ep.load(path)


OWN_FAMILY = """
from dataclasses import dataclass
from typing import Any, ClassVar
from entropy_proofs import Model, log
from entropy_proofs.families.family import Family
from entropy_proofs.families.spaces import POSITIVE

@dataclass(frozen=True, kw_only=True)
class Mine(Family):
    rate: Any
    domains: ClassVar = {"rate": POSITIVE}

    def log_density(self, x):
        return log(self.rate) - self.rate * x

    def support(self):
        return POSITIVE

model = Model("a family of its own")
model.observed("x", Mine(rate=model.parameter("s", domain="positive")))
"""


def test_a_file_may_define_a_family(write):
    """Its annotations are its own: no `from __future__` of this package changes them."""
    assert catalogue.load(write(OWN_FAMILY)).name == "a family of its own"


def test_load_takes_a_file_without_suffix_in_the_working_folder(write, monkeypatch):
    monkeypatch.chdir(write(GOOD, name="bare").parent)
    assert ep.load("bare").name == "Scalar Gaussian"


def test_a_catalogue_name_wins_over_a_folder_of_that_name(tmp_path, monkeypatch):
    name = catalogue.names()[0]
    (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    assert isinstance(ep.load(name), ep.Model)


def test_an_unknown_name_suggests_the_nearest():
    name = catalogue.names()[0]
    assert f"did you mean {name!r}?" in error_of(name[:-1])
    assert "'zzzzzzzz'" in error_of("zzzzzzzz")
    with pytest.raises(ep.InputError, match="zzzzzzzz"):
        catalogue.source("zzzzzzzz")


def test_a_missing_file_is_named(tmp_path):
    assert error_of(tmp_path / "none.py") == f"{tmp_path / 'none.py'}: no such file"


def test_a_folder_is_no_model_file(tmp_path):
    assert "is a folder" in error_of(tmp_path)


def test_a_syntax_error_is_named_with_its_line(write):
    path = write("x = 1\ny = (\n")
    message = error_of(path)
    assert message.startswith(f"{path}:2: SyntaxError")


@pytest.mark.parametrize(
    ("text", "line", "culprit"),
    [
        ("x = 1\nx / 0\n", 2, "ZeroDivisionError"),
        ("import no_such_module_anywhere\n", 1, "no_such_module_anywhere"),
        ("\n\nraise SystemExit(0)\n", 3, "SystemExit"),
        ("def f():\n    raise ValueError('a\\nb')\nf()\n", 2, "ValueError: a b"),
        ("from entropy_proofs import no_such_name\n", 1, "no_such_name"),
        ("x = 1\nreturn x\n", 2, "outside function"),
    ],
)
def test_an_error_inside_the_file_is_named_with_its_line(write, text, line, culprit):
    path = write(text)
    message = error_of(path)
    assert message.startswith(f"{path}:{line}: ")
    assert culprit in message


def test_a_mistake_in_a_declaration_is_named_with_its_line(write):
    path = write(GOOD.replace('domain="positive"', 'domain="postive"'))
    message = error_of(path)
    assert message.startswith(f"{path}:7: ")
    assert "postive" in message


def test_a_file_without_model_is_named(write):
    path = write("x = 1\n")
    assert error_of(path) == f"{path}: defines no `model`"


def test_model_must_be_a_model(write):
    path = write("model = 3\n")
    assert error_of(path) == f"{path}: `model` is a int, not a Model"


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"x = '\xff\xfe'\n"])
def test_a_file_that_is_no_text_is_named(tmp_path, content):
    path = tmp_path / "binary.py"
    path.write_bytes(content)
    assert error_of(path).startswith(str(path))


def test_a_file_of_the_catalogue_runs_once_and_gives_each_a_model_of_their_own(monkeypatch):
    runs, run = [], builtins.compile
    monkeypatch.setattr(builtins, "compile", lambda *a, **k: runs.append(a[1]) or run(*a, **k))
    catalogue._of_catalogue.cache_clear()
    first = catalogue.load("ppca")
    assert runs.pop() == str(catalogue.path_of("ppca"))
    runs.clear()
    second = catalogue.load("ppca")
    assert runs == []
    first.parameter("extra")
    first.claims.clear()
    first.observed("y", ep.Normal(mean=first.parameters["extra"].value, variance=1))
    third = catalogue.load("ppca")
    for model in (second, third):
        assert model is not first
        assert {"extra", "y"}.isdisjoint({*model.parameters, *model.variables})
        assert model.claims
        assert len(model.terms) == 2
        assert model.stem == "ppca"


def test_a_changed_file_of_the_catalogue_runs_again(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "folder", lambda: tmp_path)
    for title in ("One", "Other"):
        (tmp_path / "own.py").write_text(GOOD.replace("Scalar Gaussian", title))
        assert catalogue.load("own").name == title


def test_a_file_of_ones_own_runs_each_time(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(
        GOOD + "import pathlib\npathlib.Path(__file__ + '.runs').open('a').write('x')\n"
    )
    for _ in range(2):
        catalogue.load(path)
    assert (tmp_path / "own.py.runs").read_text() == "xx"
