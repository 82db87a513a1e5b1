"""How an operation of the permission matrix is written down."""

from collections.abc import Callable
from dataclasses import dataclass, field

from matrix.things import Things

Parameters = dict
Call = Callable[[Things], Parameters]
Resource = Callable[[Things], str]
Qualified = Callable[[Parameters, str], Parameters]


@dataclass(frozen=True)
class Key:
    """A condition key of an operation."""

    # The value that the call gives; none where no call can give one.
    right: Callable[[Things], str] | None
    # Parameters that the call needs beside its own.
    call: Call = lambda t: {}
    # A value that the call does not give.
    wrong: str = "another"
    # Whether a call can give several values.
    several: bool = False
    operator: str = "StringEquals"


@dataclass(frozen=True)
class Needed:
    """A further right that a call needs."""

    action: str
    resource: Resource
    # The parameter that makes the call need it; empty where every call does.
    given: str = ""
    # The parameters that a call with it has beside its own; none takes one away.
    call: Call = lambda t: {}


def by_parameter(call: Parameters, qualifier: str) -> Parameters:
    """Qualify the function with the parameter that is there for it."""
    return call | {"Qualifier": qualifier}


def by_name(call: Parameters, qualifier: str) -> Parameters:
    """Qualify the function in its name."""
    return call | {"FunctionName": f"{call['FunctionName']}:{qualifier}"}


def by_arn(call: Parameters, qualifier: str) -> Parameters:
    """Qualify the function in its ARN, wherever the call has it."""
    arn = call["ResourceArn"]
    return {name: value.replace(arn, f"{arn}:{qualifier}") for name, value in call.items()}


@dataclass(frozen=True)
class Row:
    """An operation."""

    operation: str
    # What it is authorised on; "*" where it has no resource.
    resource: Resource
    # The parameters of a call that succeeds.
    call: Call
    # The action, where it is not named like the operation.
    action: str = ""
    # What else must be allowed for the call to succeed.
    also: tuple[Needed, ...] = ()
    # The qualifiers with which it can be called too, and how they are given.
    qualifiers: tuple[str, ...] = ()
    qualified: Qualified = by_parameter
    # Whether it can be called without a qualifier.
    unqualified: bool = True
    # Condition keys.
    keys: dict[str, Key] = field(default_factory=dict)
    # Whether the function's tag is in the context.
    tagged: bool = True

    @property
    def name(self) -> str:
        """Return the action."""
        return f"lambda:{self.action or self.operation}"


# Resources.


def anything(t: Things) -> str:
    """No resource: only `*` matches."""
    return "*"


def function(t: Things) -> str:
    """The function, whatever version the call is about."""
    return t.arn()


def version(t: Things) -> str:
    """Version 1 of the function."""
    return t.arn("1")


def mapping(t: Things) -> str:
    """The event source mapping."""
    return t.other("event-source-mapping", t.mapping)


def layer(t: Things) -> str:
    """The layer."""
    return t.other("layer", t.layer)


def layer_version(t: Things) -> str:
    """Version 1 of the layer."""
    return t.layer_version


def signing(t: Things) -> str:
    """The code signing configuration."""
    return t.signing


def provider(t: Things) -> str:
    """The capacity provider."""
    return t.other("capacity-provider", t.provider)


def execution(t: Things) -> str:
    """The durable execution."""
    return t.execution


# Parameters.


def of_f(**more) -> Call:
    """Parameters with the function's name."""
    return lambda t: {"FunctionName": t.f} | {
        name: value(t) if callable(value) else value for name, value in more.items()
    }


def with_(thing: str, **more) -> Call:
    """Parameters with the function's name, when the thing of this name is made."""
    return lambda t: (getattr(t, thing), of_f(**more)(t))[1]


# Qualifiers.

AS_REQUESTED = ("$LATEST", "1", "live")


# Rights that tags and code bring with them.


def tagging(kind: str) -> Needed:
    """Return the right to tag what is made."""
    return Needed("lambda:TagResource", lambda t: t.other(kind, "*"), "Tags", lambda t: {"Tags": {"team": "red"}})


def reading(given: str, call: Call) -> Needed:
    """Return the right to read the object that the code is in."""
    return Needed("s3:GetObject", lambda t: t.object_arn, given, call)


NEW_TAGS = {
    "aws:RequestTag/team": Key(lambda t: "red", lambda t: {"Tags": {"team": "red"}}),
    "aws:TagKeys": Key(lambda t: "team", lambda t: {"Tags": {"team": "red"}}, several=True),
}
