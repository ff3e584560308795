"""Check every link inside the built site: that its page is there, and on the page the place it names."""

import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

SITE = Path(__file__).parent / "_build" / "html"


def broken_links(site: Path) -> list[str]:
    """List the links of a site that lead nowhere.

    Parameters
    ----------
    site : Path
        The folder of the pages.

    Returns
    -------
    list of str
        "page: link" of each.
    """
    pages = {path.resolve(): html.parse(path) for path in site.rglob("*.html") if "_static" not in path.parts}
    anchors = {
        path: {name for element in page.iter() for name in (element.get("id"), element.get("name")) if name}
        for path, page in pages.items()
    }
    broken = []
    for path, page in pages.items():
        for link in page.xpath("//@href | //@src"):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            lost = place and target in anchors and place not in anchors[target] and place != "top"
            if not target.exists() or lost:
                broken.append(f"{path.relative_to(site.resolve())}: {link}")
    return sorted(set(broken))


if __name__ == "__main__":
    found = broken_links(SITE)
    print("\n".join(found) or "every link inside the site leads somewhere")
    sys.exit(bool(found))
