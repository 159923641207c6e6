"""Certificates as files: what a proof hands out, to be checked by the kernel alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entropy_proofs.document.blocks import Block, Code, Listing, Paragraph
from entropy_proofs.files import write
from entropy_proofs.kernel.certificate import check_document, read, to_json
from entropy_proofs.kernel.checker import Outcome
from entropy_proofs.notebook.displays import Displayed, headed


@dataclass(frozen=True)
class CertificateDocument(Displayed):
    """Statement, field, flows, log h, H and conditions, as docs/certificate.md specifies them."""

    document: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """The hash of statement and certificate."""
        return self.document["sha256"]

    def check(self) -> Outcome:
        """What the kernel says of it."""
        return check_document(self.document)

    def to_json(self) -> str:
        return to_json(self.document)

    def save(self, path: str | Path) -> None:
        """Write it to a file, whole or not at all; raises InputError where that is not possible."""
        write(Path(path), self.to_json())

    def _blocks(self) -> tuple[Block, ...]:
        outcome = self.check()
        kinds = ", ".join(f"{name}: {kind}" for name, kind in outcome.terms.items())
        return (
            headed(
                self.document["statement"]["title"],
                f": {outcome.verdict}",
                f"; {kinds or outcome.reason}",
            ),
            Paragraph(("SHA-256 ", Code(self.sha256))),
            Listing(str(read(self.document)[0])),
        )

    def __repr__(self) -> str:
        return f"<Certificate of {self.document['statement']['title']!r}, {self.sha256[:12]}>"
