"""Word and Excel files with the same bytes every time: no clock and no name of a program inside."""

import io
import re
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EPOCH = (1980, 1, 1, 0, 0, 0)
STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
FIXED = rb"\g<1>1980-01-01T00:00:00Z"
CORE = "docProps/core.xml"


def fixed_archive(content: bytes) -> bytes:
    """Pack a zip file again with fixed dates.

    Parameters
    ----------
    content : bytes
        A docx or xlsx file.

    Returns
    -------
    bytes
        The same parts in the same order, dated 1980-01-01 outside and inside.

    Examples
    --------
    >>> first = io.BytesIO()
    >>> with ZipFile(first, "w") as archive:
    ...     archive.writestr(ZipInfo("a.txt", (2024, 5, 6, 7, 8, 10)), "one")
    >>> with ZipFile(io.BytesIO(fixed_archive(first.getvalue()))) as archive:
    ...     archive.read("a.txt"), archive.infolist()[0].date_time[0]
    (b'one', 1980)
    """
    packed = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            info = ZipInfo(name, EPOCH)
            info.compress_type = ZIP_DEFLATED
            target.writestr(info, STAMP.sub(FIXED, part) if name == CORE else part)
    return packed.getvalue()
