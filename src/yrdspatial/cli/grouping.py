"""Verbs with many options: the fields of a dataclass are the options, and the verb takes the dataclass."""

import functools
import inspect
from collections.abc import Callable
from copy import copy
from dataclasses import MISSING, fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from typer.models import OptionInfo


def grouped(verb: Callable[..., None]) -> Callable[..., None]:
    """Let typer see the fields of the dataclasses that a verb takes as its options.

    Parameters
    ----------
    verb : callable
        A function whose arguments are plain options, or dataclasses of options with defaults.

    Returns
    -------
    callable
        The verb with a flat signature.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Printed:
    ...     digits: int = 3
    >>> def verb(model: str, printed: Printed) -> None: ...
    >>> inspect.signature(grouped(verb))
    <Signature (*, model: str, digits: int = 3)>
    """
    groups: dict[str, type] = {}
    flat: list[inspect.Parameter] = []
    for one in inspect.signature(verb, eval_str=True).parameters.values():
        if isinstance(one.annotation, type) and is_dataclass(one.annotation):
            groups[one.name] = one.annotation
            flat.extend(_options(one.annotation))
        else:
            flat.append(one.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @functools.wraps(verb)
    def command(**given: Any) -> None:
        taken = {
            name: group(**{one.name: given.pop(one.name) for one in fields(group)})
            for name, group in groups.items()
        }
        verb(**given, **taken)

    command.__signature__ = inspect.Signature(flat)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in flat}
    return command


def _options(group: type) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    title = (inspect.getdoc(group) or "Options").splitlines()[0].partition(";")[0].rstrip(".")
    return [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if one.default is MISSING else one.default,
            annotation=_in_panel(hints[one.name], title),
        )
        for one in fields(group)
    ]


def _in_panel(hint: Any, title: str) -> Any:
    if get_origin(hint) is not Annotated:
        return hint
    kind, *extras = get_args(hint)
    placed = [copy(one) for one in extras]
    for one in placed:
        if isinstance(one, OptionInfo):
            one.rich_help_panel = title
    return Annotated[kind, *placed]
