"""Where output goes: full, closed or unread, it never changes what a command finds out."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from entropy_proofs.cli.terminal.streams import Guarded, guarded

COMMAND = f"{sys.executable} -c 'from entropy_proofs.cli import main; main()'"
LONG = "list --json"


def run(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize(
    ("line", "status", "said"),
    [
        (f"{COMMAND} {LONG} > /dev/full", 2, "standard output: No space left on device"),
        (f"{COMMAND} {LONG} >&-", 0, ""),
        (f"{COMMAND} {LONG} | true; exit ${{PIPESTATUS[0]}}", 0, ""),
        (f"{COMMAND} prove no_such 2> /dev/full", 2, ""),
        (f"{COMMAND} prove no_such 2>&-", 2, ""),
        (f"{COMMAND} {LONG} > /dev/full 2>&1", 2, ""),
    ],
)
def test_the_exit_status_is_the_commands(line, status, said):
    done = run(line)
    assert done.returncode == status
    assert done.stderr == (f"entropy-proofs: error: {said}\n" if said else "")


@pytest.mark.parametrize("redirect", ["> /dev/full", ">&-"])
def test_the_kernel_alone_says_the_same(redirect, tmp_path):
    (tmp_path / "no.json").write_text("{}")
    done = run(f"{sys.executable} -m entropy_proofs.kernel {tmp_path / 'no.json'} 2{redirect}")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_stream_that_fails_takes_everything():
    stream = Guarded(Full())
    assert stream.write("a") == 1
    stream.writelines(["b"])
    stream.flush()
    assert isinstance(stream.failure, OSError)
    assert not stream.isatty()


def test_streams_are_what_they_were_before():
    before = sys.stdout, sys.stderr
    with pytest.raises(KeyError), guarded() as (out, _):
        assert sys.stdout is out
        raise KeyError
    assert before == (sys.stdout, sys.stderr)
