"""The certificates in certificates/wrong and certificates/right, small enough to be read one by one.

`python -m must_fail.corpus` in tests/ writes the files and their README.md anew.
"""

from __future__ import annotations

import json
from pathlib import Path

from must_fail.pieces import JSON
from must_fail.right import right
from must_fail.wrong import wrong

FOLDER = Path(__file__).parent / "certificates"


def pretty(value: JSON, indent: str = "") -> str:
    """JSON with what fits on a line on one line."""
    line = json.dumps(value, ensure_ascii=True)
    if len(indent) + len(line) <= 98 or not value or not isinstance(value, dict | list):
        return line
    inner = indent + " "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {pretty(v, inner)}" for key, v in value.items()]
        return "{\n" + ",\n".join(inner + p for p in parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + pretty(v, inner) for v in value) + f"\n{indent}]"


def texts() -> dict[str, str]:
    """Every file of the folder by its name."""
    found = {}
    index = ["# Certificates to be read one by one", "", "Written by `must_fail/corpus.py`.", ""]
    for folder, cases, said in (("wrong", wrong(), "rejected"), ("right", right(), "verified")):
        index += [f"## {folder}: {said}", ""]
        for name, made, why in cases:
            assert f"{folder}/{name}.json" not in found, name
            found[f"{folder}/{name}.json"] = pretty(made) + "\n"
            index.append(f"- [{name}]({folder}/{name}.json): {why}")
        index.append("")
    return found | {"README.md": "\n".join(index)}


def main() -> None:
    for name, text in texts().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
