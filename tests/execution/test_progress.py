"""A bar on a terminal, silence elsewhere."""

import io
import sys

from yrdspatial.execution.progress import progress_bar
from yrdspatial.execution.tasks import map_tasks


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


def shown(monkeypatch, stream, show=True):
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar("permutations", show=show) as tell:
        map_tasks(abs, [-1, 2, 3, 4], progress=tell)
        tell(4, 4, "files")
    return stream.getvalue()


def test_a_terminal_sees_what_is_done(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    text = shown(monkeypatch, Terminal())
    assert "files" in text
    assert "━" in text


def test_a_pipe_and_who_asks_for_silence_see_nothing(monkeypatch):
    assert shown(monkeypatch, io.StringIO()) == ""
    assert shown(monkeypatch, Terminal(), show=False) == ""
