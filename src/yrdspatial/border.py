"""The border of the house: what a user hands to a public function is held against what its signature asks for."""

import builtins
import functools
import inspect
import numbers
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar, Union

import numpy.typing as npt

from yrdspatial.errors import SpecificationError

P = ParamSpec("P")
R = TypeVar("R")
ORDERED = (list, tuple, set, frozenset, range, dict)
"""Containers that can be looked into without using them up."""


def bordered(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function be called only with arguments of the kinds that its signature names.

    Another kind is a SpecificationError that names the argument, the function and the kinds that fit. Kinds that are
    not known here (a Graph, a time, anything) are left to the function.

    Parameters
    ----------
    function : callable
        An annotated function.

    Returns
    -------
    callable
        The same, with the same name, signature and docstring.

    Examples
    --------
    >>> def double(value: float, *, how: Literal["sum", "product"] = "sum") -> float:
    ...     return 2 * value
    >>> bordered(double)(2)
    4
    >>> bordered(double)("2")
    Traceback (most recent call last):
    yrdspatial.errors.SpecificationError: value cannot be a str ('2') [double]: give a number
    """
    signature = inspect.signature(function)
    kinds = _kinds(function)

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind(*args, **kwargs).arguments
        for name, kind in kinds.items():
            if name in given and given[name] is not signature.parameters[name].default:
                _check(given[name], kind, name, function.__qualname__.removesuffix(".__init__"))
        return function(*args, **kwargs)

    return checked


def _kinds(function: Callable[..., Any]) -> dict[str, Any]:
    scope = getattr(function, "__globals__", {})
    parameters = inspect.signature(function).parameters.values()
    many = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {one.name: _resolved(one.annotation, scope) for one in parameters if one.kind not in many}


def _resolved(annotation: Any, scope: dict[str, Any]) -> Any:
    # An annotation may be written as text; one that names what is not imported is anything.
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if not isinstance(annotation, str):
        return Any if annotation == npt.ArrayLike else annotation
    try:
        return eval(re.sub(r"\bpd\.(Series|Index)\[\w+\]", r"pd.\1", annotation), {}, _Names(scope))
    except (AttributeError, TypeError):
        return Any


class _Names(dict[str, Any]):
    """Names of a module; what it does not import when it runs is anything."""

    def __missing__(self, name: str) -> Any:
        return vars(builtins).get(name, Any)


def _check(value: Any, kind: Any, name: str, where: str) -> None:
    if fits(value, kind):
        return
    shown = re.sub(r"\s+", " ", repr(value))[:40]
    if isinstance(value, int) and fits([value], kind):
        cure = f"give {name} in a list, such as [{shown}]"
        raise SpecificationError(f"{shown} is one {name.removesuffix('s')}", cure=cure)
    what = f"{name} cannot be a {type(value).__name__} ({shown})"
    raise SpecificationError(what, where=where, cure=f"give {described(kind)}")


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of a kind; a truth value is no number. Which words and numbers make sense, functions say.

    Parameters
    ----------
    value : object
        What was given.
    kind : annotation
        What was asked for.

    Returns
    -------
    bool
        True for a kind that is not known here.

    Examples
    --------
    >>> fits(True, int), fits(2, float), fits("2", float), fits(["a", 1], Sequence[str])
    (False, True, False, False)
    """
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in {Union, types.UnionType}:
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return type(value) in {type(part) for part in parts}
    if origin is tuple:
        return isinstance(value, tuple | list) and _fits_tuple(value, parts)
    if isinstance(origin, type):
        return isinstance(value, origin) and _fits_inside(value, origin, parts)
    return _fits_plain(value, kind)


def _fits_plain(value: Any, kind: Any) -> bool:
    tests: dict[Any, Callable[[Any], bool]] = {
        int: lambda v: isinstance(v, numbers.Integral) and abs(int(v)) < 2**63,
        float: lambda v: isinstance(v, numbers.Real),
        bool: lambda v: isinstance(v, bool) or type(v).__name__ == "bool",
        str: lambda v: isinstance(v, str) and _is_text(v),
        Path: lambda v: isinstance(v, Path) and _is_text(str(v)),
        None: lambda v: v is None,
        type(None): lambda v: v is None,
    }
    if isinstance(value, bool) and kind in {int, float}:
        return False
    if kind in tests:
        return tests[kind](value)
    unknown = not isinstance(kind, type) or kind in {Any, inspect.Parameter.empty}
    return unknown or isinstance(value, kind)


def _is_text(value: str) -> bool:
    return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _fits_tuple(value: Sequence[Any], parts: tuple[Any, ...]) -> bool:
    if len(parts) == 2 and parts[1] is Ellipsis:
        return all(fits(one, parts[0]) for one in value)
    return len(value) == len(parts) and all(fits(*pair) for pair in zip(value, parts, strict=True))


def _fits_inside(value: Any, origin: type, parts: tuple[Any, ...]) -> bool:
    if issubclass(origin, Mapping) and len(parts) == 2:
        keys = parts[0] is int or all(fits(key, parts[0]) for key in value)  # years, again
        return keys and all(fits(one, parts[1]) for one in value.values())
    if not (issubclass(origin, Iterable) and len(parts) == 1):
        return True
    if isinstance(value, str):
        return False
    if hasattr(value, "ndim") and value.ndim != 1:
        return False
    listed = value.tolist() if hasattr(value, "tolist") else value
    whole = parts[0] is int  # years: their readers know what a year is
    return whole or not isinstance(listed, ORDERED) or all(fits(one, parts[0]) for one in listed)


def described(kind: Any) -> str:
    """Say in words what a kind is.

    Parameters
    ----------
    kind : annotation
        What was asked for.

    Returns
    -------
    str
        Words for a message.

    Examples
    --------
    >>> described(Literal["row", "none"] | None), described(Sequence[int])
    ('"row", "none" or None', 'a list of whole numbers')
    """
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return ", ".join(f'"{part}"' if isinstance(part, str) else str(part) for part in parts)
    if origin in {Union, types.UnionType}:
        return " or ".join(dict.fromkeys(described(part) for part in parts))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"a mapping from {described(parts[0])} to {described(parts[1])}"
    if isinstance(origin, type) and issubclass(origin, Iterable) and parts:
        inner = [described(part) for part in parts if part is not Ellipsis]
        plural = {"a whole number": "whole numbers", "a number": "numbers", "a text": "texts"}
        return f"({', '.join(inner)})" if len(inner) > 1 else f"a list of {plural.get(inner[0], inner[0])}"
    words = {
        None: "None",
        type(None): "None",
        Any: "what it asks for",
        int: "a whole number",
        float: "a number",
        str: "a text",
        bool: "True or False",
        Path: "a path",
    }
    return words.get(kind, f"a {kind.__name__}" if isinstance(kind, type) else "what it asks for")
