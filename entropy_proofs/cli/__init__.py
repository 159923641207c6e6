"""The command line."""

from entropy_proofs.cli.commands import main as main
