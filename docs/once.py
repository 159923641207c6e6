"""What many pages share is computed once for all: stems of words, the list of pages."""

from __future__ import annotations

from functools import cache
from pathlib import PurePosixPath
from typing import Any

from sphinx.search.en import SearchEnglish


class RememberedEnglish(SearchEnglish):
    """Sphinx's English search, which asks for each word's stem once, not once a page."""

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        self._remembered = cache(super().stem)

    def stem(self, word: str) -> str:
        return self._remembered(word)


class RememberedLists:
    """Pages that no list of pages names have it alike, if they stand in the same folder."""

    def __init__(self) -> None:
        self._known: dict[Any, str] = {}

    def replace(
        self, app: Any, name: str, template: str, context: dict[str, Any], doctree: Any
    ) -> None:
        """Of one page, before the theme asks for the list."""
        if "orphan" not in (context.get("meta") or {}) or "toctree" not in context:
            return
        folder, written = PurePosixPath(name).parent, context["toctree"]

        def toctree(**options: Any) -> str:
            key = folder, *sorted(options.items())
            if key not in self._known:
                self._known[key] = written(**options)
            return self._known[key]

        context["toctree"] = toctree


def setup(app: Any) -> dict[str, bool]:
    """Registers it with Sphinx."""
    app.add_search_language(RememberedEnglish)
    app.connect("html-page-context", RememberedLists().replace, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
