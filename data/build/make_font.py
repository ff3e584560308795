"""Write ``data/fonts/yrd-sans-sc.otf`` and ``OFL.txt``: a subset of Noto Sans SC, so that figures look alike anywhere.

Usage: ``make_font.py [WHEEL]``; without a wheel of ``pylopdf-fonts-zh-cn`` 0.1.1 it is downloaded with pip. Needs
``fonttools`` (it comes with matplotlib). The copyright line of Noto Sans SC reserves no font name, but Noto is a
trademark: the subset bears a name of its own. Its outlines are made quadratic, because a PDF with cubic ones does not
say the right type of its font. The letters: Latin, Greek, signs, the 3,755 common characters of GB 2312
(level 1), a few rarer ones, and every letter of the tables in ``data/`` and of the Chinese catalogue of the report.
"""

import io
import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from wheels import read_member

DATA = Path(__file__).parents[1]
CATALOGUE = DATA.parent / "src/yrdspatial/tables/chinese.toml"
PACKAGE = "pylopdf-fonts-zh-cn==0.1.1"
WHEEL_SHA256 = "e2661ef3790cbe0f0f6aa5338b6859b7cd288ee75bc88cd4239c62cd025d4fb3"
FONT = "pylopdf_fonts_zh_cn/NotoSansSC-Regular.otf"
LICENSE = "pylopdf_fonts_zh_cn-0.1.1.dist-info/licenses/LICENSE"
FAMILY, POSTSCRIPT = "YRD Sans SC", "YRDSansSC-Regular"
RANGES = [(0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x2010, 0x203A), (0x2070, 0x209C), (0x2150, 0x2182)]
RANGES += [
    (0x2190, 0x2199),
    (0x2200, 0x22A5),
    (0x2460, 0x2473),
    (0x25A0, 0x25CF),
    (0x3000, 0x3017),
    (0xFF01, 0xFF5E),
]
RARE = "埇岱濉琊瓯畲盱眙邗邺鄞闵" + "熵耦禀"  # letters of county names; of terms
NAMES = {1: FAMILY, 3: f"2.004;{POSTSCRIPT}", 4: FAMILY, 6: POSTSCRIPT}
MAX_ERROR = 2.0  # thousandths of the type size
MAXIMA = (
    "Points Contours CompositePoints CompositeContours TwilightPoints Storage FunctionDefs InstructionDefs"
)
MAXIMA = [
    f"max{part}"
    for part in f"{MAXIMA} StackElements SizeOfInstructions ComponentElements ComponentDepth".split()
]
DROPPED = ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]


def letters() -> set[int]:
    """Return the code points to keep."""
    level1 = b"".join(bytes([row, cell]) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    tables = [
        path for kind in ("csv", "toml") for path in DATA.rglob(f"*.{kind}") if path != DATA / "sources.toml"
    ]
    texts = [
        level1.decode("gb2312", errors="ignore"),
        RARE,
        *(path.read_text("utf-8") for path in (*tables, CATALOGUE)),
    ]
    return {ord(letter) for text in texts for letter in text}.union(*(range(a, b + 1) for a, b in RANGES))


def rename(font: TTFont) -> None:
    """Give the font a name of its own; copyright, trademark, and license lines stay."""
    table = font["name"]
    for record in list(table.names):
        if record.nameID in NAMES:
            record.string = NAMES[record.nameID]


def to_truetype(font: TTFont) -> None:
    """Replace the cubic outlines by quadratic ones."""
    shapes = font.getGlyphSet()
    outlines = newTable("glyf")
    outlines.glyphOrder, outlines.glyphs = font.getGlyphOrder(), {}
    for name in outlines.glyphOrder:
        pen = TTGlyphPen(None)
        shapes[name].draw(Cu2QuPen(pen, MAX_ERROR, reverse_direction=True))
        outlines.glyphs[name] = pen.glyph()
    del font["CFF "]
    font["glyf"], font["loca"] = outlines, newTable("loca")
    font["maxp"].tableVersion = 0x00010000
    vars(font["maxp"]).update(dict.fromkeys(MAXIMA, 0) | {"maxZones": 1})
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def main(arguments: list[str]) -> None:
    """Write the font and its license."""
    source = read_member(PACKAGE, WHEEL_SHA256, FONT, arguments)
    options = subset.Options(drop_tables=DROPPED, hinting=False, name_IDs=["*"], name_languages=["*"])
    font = TTFont(io.BytesIO(source), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=letters())
    subsetter.subset(font)
    rename(font)
    to_truetype(font)
    folder = DATA / "fonts"
    folder.mkdir(exist_ok=True)
    font.save(folder / "yrd-sans-sc.otf", reorderTables=True)
    copyright_line = "© 2014-2021 Adobe (http://www.adobe.com/). Noto is a trademark of Google Inc.\n\n"
    license_text = read_member(PACKAGE, WHEEL_SHA256, LICENSE, arguments).decode("utf-8")
    (folder / "OFL.txt").write_text(copyright_line + license_text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
