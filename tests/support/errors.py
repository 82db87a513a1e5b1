"""Expecting AWS's errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

# What stands in EC2's denials before a message that only STS reads.
ENCODED = ". Encoded authorization failure message: "
# The codes with which the services deny.
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}


@dataclass
class Refusal:
    """The error of a call, filled when the `with` block ends."""

    code: str = ""
    message: str = ""
    status: int = 0
    headers: dict | None = None
    response: dict | None = None

    @property
    def decision(self) -> str:
        """Return the id of the decision, for `rolecall why`."""
        return self.headers["x-rolecall-decision"].split(",")[0]

    def take(self, error: ClientError) -> None:
        """Remember what the error says."""
        self.response = error.response
        self.code = error.response["Error"]["Code"]
        self.message = error.response["Error"].get("Message", "")
        self.status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        self.headers = error.response["ResponseMetadata"]["HTTPHeaders"]


@contextmanager
def refused(code: str | None = None, message: str | None = None, status: int | None = None) -> Iterator[Refusal]:
    """Expect the block to be refused with this code, exact message and status."""
    refusal = Refusal()
    with pytest.raises(ClientError) as caught:
        yield refusal
    refusal.take(caught.value)
    said = f"{refusal.status} {refusal.code}: {refusal.message}"
    assert code is None or refusal.code == code, said
    assert message is None or refusal.message == message, said
    assert status is None or refusal.status == status, said


@contextmanager
def denied(action: str, resource: str | None = None, reason: str | None = None, caller: str | None = None):
    """Expect the block to be denied, with AWS's message for this action, resource and reason.

    The reason is the message's end; without one, it is that no identity-based policy allows the action. Whatever is
    not given is not looked at.
    """
    with refused() as refusal:
        yield refusal
    assert refusal.code in DENIED, f"{refusal.code}: {refusal.message}"
    message = refusal.message.split(ENCODED)[0]
    assert f" is not authorized to perform: {action}" in message, message
    if caller is not None:
        assert message.startswith(f"User: {caller} is not"), message
    if resource is not None:
        because = reason or f"because no identity-based policy allows the {action} action"
        assert message.endswith(f"perform: {action} on resource: {resource} {because}"), message
    elif reason is not None:
        assert message.endswith(reason), message
