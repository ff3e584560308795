"""The findings beyond the paper, measured once for the chapters that tell them."""

import pytest

from yrdspatial.replication.beyond import measure_beyond


@pytest.fixture(scope="session")
def beyond(study, options):
    return measure_beyond(study, seed=options.seed)


@pytest.fixture(scope="session")
def parts_of():
    """Return a function that gives the parts of a chapter by their key."""

    def parts(chapter):
        return {part.key: part for part in chapter.parts if hasattr(part, "key")}

    return parts


@pytest.fixture(scope="session")
def text_of():
    """Return a function that gives everything a chapter says in sentences."""

    def text(chapter):
        said = []
        for part in chapter.parts:
            said += list(getattr(part, "points", [getattr(part, "text", "")]))
        return "\n".join(said)

    return text


@pytest.fixture(scope="session")
def minus():
    """Return a function that writes a number as the text does."""

    def written(value, digits, sign=""):
        return f"{value:{sign}.{digits}f}".replace("-", "−")

    return written
