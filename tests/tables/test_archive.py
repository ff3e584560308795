"""Archives carry no clock."""

import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from yrdspatial.tables.archive import fixed_archive

CORE = (
    '<cp:coreProperties><dcterms:created xsi:type="dcterms:W3CDTF">{0}</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{0}</dcterms:modified></cp:coreProperties>'
)


def packed(clock, stamp, body="一"):
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr(ZipInfo("docProps/core.xml", clock), CORE.format(stamp))
        archive.writestr(ZipInfo("word/document.xml", clock), body)
    return buffer.getvalue()


EARLY = packed((2020, 1, 2, 3, 4, 6), "2020-01-02T03:04:06Z")
LATE = packed((2026, 11, 24, 16, 0, 0), "2026-11-24T16:00:00Z")


def test_the_clock_leaves_no_trace():
    assert EARLY != LATE
    assert fixed_archive(EARLY) == fixed_archive(LATE)


def test_packing_twice_changes_nothing():
    assert fixed_archive(fixed_archive(EARLY)) == fixed_archive(EARLY)


def test_parts_keep_their_order_and_content():
    with ZipFile(io.BytesIO(fixed_archive(EARLY))) as archive:
        assert archive.namelist() == ["docProps/core.xml", "word/document.xml"]
        assert archive.read("word/document.xml").decode() == "一"
        assert archive.read("docProps/core.xml").decode() == CORE.format("1980-01-01T00:00:00Z")
        assert {info.compress_type for info in archive.infolist()} == {ZIP_DEFLATED}
        assert archive.testzip() is None


def test_a_date_in_the_text_is_left_alone():
    body = '<dcterms:created xsi:type="x">2020</dcterms:created>'
    with ZipFile(io.BytesIO(fixed_archive(packed((2020, 1, 1, 0, 0, 0), "2020", body)))) as archive:
        assert archive.read("word/document.xml").decode() == body
