"""The root of public values that a build makes: type checkers take each subclass for a frozen dataclass.

Importing ``dataclasses`` and making four of them would cost each build 4 ms.
"""

from typing import Any, Self, dataclass_transform


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Value:
    """Fields by name, with defaults where the class has them; two are equal where class and fields are."""

    def __init__(self, **given: object) -> None:
        fields = type(self).__annotations__
        missing = [name for name in fields if name not in given and not hasattr(type(self), name)]
        if missing or not given.keys() <= fields.keys():
            unknown = sorted(given.keys() - fields.keys())
            message = (
                f"{type(self).__name__} needs {missing or 'nothing else'} and does not know {unknown or 'nothing'}"
            )
            raise TypeError(message)
        self.__dict__.update({name: given[name] if name in given else getattr(self, name) for name in fields})
        self.__post_init__()

    def __post_init__(self) -> None:
        """Raise ``UsageError`` for values that make no sense."""

    def __setattr__(self, name: str, value: object) -> None:
        """Raise ``AttributeError``: values do not change."""
        del value
        raise AttributeError(name)

    def __repr__(self) -> str:
        """Return the fields as they are given."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"

    def __eq__(self, other: object) -> bool:
        """Compare classes and fields."""
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        """Return a hash that goes with the comparison."""
        return hash((type(self), *self.__dict__.values()))

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - each field's own
        """Return the same with some fields changed."""
        return type(self)(**(self.__dict__ | changes))
