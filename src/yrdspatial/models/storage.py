"""Fitted models in files: one zip of JSON and plain arrays, which says its version and runs nothing when read."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from yrdspatial.errors import DataError
from yrdspatial.models.encoding import Array, Packer
from yrdspatial.models.flags import used_flags
from yrdspatial.models.instruments import Instruments
from yrdspatial.models.likelihood import Fit, Problem
from yrdspatial.models.robust import Choice
from yrdspatial.models.sample import Sample
from yrdspatial.models.specification import Design, Spec
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.two_stage import Equation, TwoStage
from yrdspatial.models.within import Effects
from yrdspatial.tables.archive import fixed_archive
from yrdspatial.tables.files import write_file

FORMAT = "yrdspatial results"
VERSION = 1
LIMIT = 2**31
"""Bytes, unpacked, above which a file is not read."""
HEAD = "results.json"
PARTS = (Spec, Sample, Effects, Spectra, Problem, Design, Fit, Instruments, Equation, TwoStage, Choice)
"""What a fitted model is made of."""
DERIVED = frozenset({"jacobian"})
"""Fields that serve the estimation alone."""
AGAIN = "save the model again"


def write_results(results: Any, path: str | Path) -> Path:
    """Write a fitted model to one file, whole or not at all.

    Parameters
    ----------
    results : SpatialPanelResults, CrossSectionResults or InstrumentalResults
        The fitted model; of the user's data only y, X, the labels and the weights are kept.
    path : str or Path
        Where; missing folders are made.

    Returns
    -------
    Path
        The file: the same model gives the same bytes.
    """
    packer = Packer(PARTS, DERIVED)
    sample = results.design.sample
    flags = None if sample.flags is None else used_flags(results.design)
    sample = replace(sample, frame=sample.frame[[]], flags=flags)
    content = packer.fields_of(replace(results, design=replace(results.design, sample=sample)))
    packed = {name: _npy(array) for name, array in packer.arrays.items()}
    head = {
        "format": FORMAT,
        "version": VERSION,
        "class": type(results).__name__,
        "arrays": {
            name: {
                "shape": list(array.shape),
                "dtype": array.dtype.str,
                "sha256": hashlib.sha256(packed[name]).hexdigest(),
            }
            for name, array in packer.arrays.items()
        },
        "fields": content,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(HEAD, json.dumps(head, ensure_ascii=False, allow_nan=False, indent=1))
        for name, data in packed.items():
            archive.writestr(_member(name), data)
    return write_file(path, fixed_archive(buffer.getvalue()))


def read_results(path: str | Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read the parts of a file that `write_results` wrote; nothing is unpacked to the disk.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    head : dict
        Class and fields.
    arrays : dict of str to ndarray
        The arrays by name.

    Raises
    ------
    DataError
        If the file is not there, no such file, of another version, or changed since it was written.
    """
    where = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = [one.filename for one in members]
            if sum(one.file_size for one in members) > LIMIT:
                raise DataError("the file is too large", where=where, cure=f"at most {LIMIT} bytes are read")
            if HEAD not in names:
                raise DataError(
                    "the file holds no fitted model", where=where, cure="results.save(path) writes one"
                )
            head = _head(archive.read(HEAD), where)
            if sorted(names) != sorted([HEAD, *map(_member, head["arrays"])]):
                strange = sorted(set(names) ^ {HEAD, *map(_member, head["arrays"])}) or ["a name twice"]
                raise DataError(
                    "the file holds other parts than it says", where=f"{where}: {strange[0]}", cure=AGAIN
                )
            return head, {
                name: _array(archive.read(_member(name)), said, f"{where}: array {name}")
                for name, said in head["arrays"].items()
            }
    except FileNotFoundError as problem:
        raise DataError(
            "there is no such file", where=where, cure="results.save(path) writes one"
        ) from problem
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as problem:
        what = "the file cannot be read as a fitted model"
        raise DataError(what, where=where, cure="give a file of results.save(path)") from problem


def _member(name: str) -> str:
    return f"arrays/{name}.npy"


def _npy(array: Array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _head(text: bytes, where: str) -> dict[str, Any]:
    try:
        head = json.loads(text)
    except ValueError as problem:
        raise DataError("the head of the file is no JSON", where=where, cure=AGAIN) from problem
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise DataError("the file holds no fitted model", where=where, cure="results.save(path) writes one")
    if head.get("version") != VERSION:
        cure = f"this yrdspatial reads version {VERSION}"
        raise DataError(f"the file is of version {head.get('version')}", where=where, cure=cure)
    arrays = head.get("arrays")
    whole = isinstance(arrays, dict) and all(name.isdecimal() for name in arrays)
    if not (whole and isinstance(head.get("fields"), dict)):
        raise DataError("the head of the file lacks its parts", where=where, cure=AGAIN)
    return head


def _array(data: bytes, said: Mapping[str, Any], where: str) -> Array:
    try:
        array: Array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
        same = array.shape == tuple(said["shape"]) and array.dtype.str == said["dtype"]
        same = same and hashlib.sha256(data).hexdigest() == said["sha256"]
    except (ValueError, TypeError, KeyError, EOFError) as problem:
        raise DataError("an array in the file cannot be read", where=where, cure=AGAIN) from problem
    if not same:
        raise DataError("an array in the file is not the one that was saved", where=where, cure=AGAIN)
    return array
