"""Certificates as files: what a proof hands out, to be checked by the kernel alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entropy_proofs.files import write
from entropy_proofs.kernel.certificate import check_document, to_json
from entropy_proofs.kernel.checker import Outcome


@dataclass(frozen=True)
class CertificateDocument:
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

    def __repr__(self) -> str:
        return f"<Certificate of {self.document['statement']['title']!r}, {self.sha256[:12]}>"


__all__ = ["CertificateDocument"]
