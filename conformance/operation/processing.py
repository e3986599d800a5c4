"""Processing strings: the documented spelling, and what a string says once it is taken apart.

`image/bodies,sen_50` is a module, a chain of actions divided by `/`, and parameters
`name_value` divided by `,`; several strings are chained by `|`. Parsing is total: whatever came is
taken apart without a judgement, so that two strings can be compared by what they mean.
Source: https://help.aliyun.com/en/oss/user-guide/synchronous-processing .
"""

from dataclasses import dataclass

MODULE = "image"
ACTION = "bodies"
PARAMETER = "sen"
OPERATION = f"{MODULE}/{ACTION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step: its name and its parameters in order; a parameter without `_` has value None."""

    name: str
    parameters: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A module (`image`, `style`, `sys`) and the actions it is to take, in order."""

    module: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A processing string taken apart; one chain unless `|` joins several."""

    chains: tuple[Chain, ...]

    @property
    def meaning(self) -> tuple[object, ...]:
        """A value that is equal for strings that ask for the same.

        Within an action the order of parameters says nothing, and of two parameters of one name
        the later wins (page "key rules for image processing"). The default of `sen` is not filled
        in: `image/bodies` and `image/bodies,sen_60` were not asked for alike.
        """
        return tuple(
            (chain.module, tuple((act.name, _last_wins(act)) for act in chain.actions))
            for chain in self.chains
        )


def write(sen: int | None) -> str:
    """The documented spelling: `image/bodies`, or `image/bodies,sen_N`."""
    return OPERATION if sen is None else f"{OPERATION},{PARAMETER}_{sen}"


def parse(text: str) -> Process:
    """Take any text apart; never raises. An empty text is one chain with an empty module."""
    return Process(chains=tuple(_chain(part) for part in text.split("|")))


def _last_wins(action: Action) -> frozenset[tuple[str, str | None]]:
    return frozenset(dict(action.parameters).items())


def _chain(text: str) -> Chain:
    module, *actions = text.split("/")
    return Chain(module=module, actions=tuple(_action(action) for action in actions))


def _action(text: str) -> Action:
    name, *parameters = text.split(",")
    return Action(name=name, parameters=tuple(_parameter(item) for item in parameters))


def _parameter(text: str) -> tuple[str, str | None]:
    name, line, value = text.partition("_")
    return name, value if line else None
