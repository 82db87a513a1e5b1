"""Calls every operation with every kind of right and wrong, and writes down what the server answered."""


import re
from dataclasses import replace

from botocore import UNSIGNED, xform_name
from botocore.exceptions import ClientError

from matrix import url
from matrix.operations import Key, Row
from matrix.things import Things
from support.account import Account, assumed
from support.identity import Identity
from support.policy import Policy, allow, deny, document, text, trust

# Allowed is what is not denied: whether the thing exists is another question.
DENIED = {"AccessDeniedException", "AccessDenied"}
OTHER = "other"
# A denial: the action, and why.
PERFORM = re.compile(r"perform: (?P<action>\S+) .*(?:because|with) (?P<why>(?:no|an explicit) .*)")


class Writer:
    """The callers, whose policies change from line to line, and what they were answered."""

    def __init__(self, house: Account):
        self.house = house
        self.user = house.user(name="matrix-user")
        self.bounded = house.user(name="matrix-bounded")
        house.put_user_policy(self.bounded.name, document(allow("*")))
        account = {"AWS": house.root}
        self.role = house.role(allow("*"), name="matrix-role", trust=trust(account))
        house.put_user_policy(house.user(name="matrix-starter").name, document(allow("sts:*")))

    # Callers.

    def with_policy(self, *statements: dict) -> Identity:
        """Return the user, who has these statements now."""
        self.house.put_user_policy(self.user.name, document(*statements))
        return self.user

    def without_policy(self) -> Identity:
        """Return the user, who has no policy now."""
        iam = self.house.admin.iam
        for name in iam.list_user_policies(UserName=self.user.name)["PolicyNames"]:
            iam.delete_user_policy(UserName=self.user.name, PolicyName=name)
        return self.user

    def within_boundary(self, policy: Policy) -> Identity:
        """Return a user who may do everything within this boundary."""
        boundary = self.house.managed_policy(*policy["Statement"])
        self.house.admin.iam.put_user_permissions_boundary(UserName=self.bounded.name, PermissionsBoundary=boundary)
        return self.bounded

    def within_session(self, policy: Policy) -> Identity:
        """Return a session of a role that may do everything, limited by this policy."""
        return assumed(self.house.admin, self.role, Policy=text(policy))

    # Answers.

    def answer(self, client, row: Row, parameters: dict) -> tuple[bool, str]:
        """Call the operation and return whether it was allowed, and what it answered in a line."""
        try:
            answer = getattr(client, xform_name(row.operation))(**parameters)
        except ClientError as error:
            told = error.response["Error"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            denied = told["Code"] in DENIED or status == 403
            reason = told.get("Message", "")
            if denied and (words := PERFORM.search(reason)):
                reason = f"{words['action']}: {words['why']}"
            return not denied, f"{status} {told['Code']}: {reason}"
        return True, str(answer["ResponseMetadata"]["HTTPStatusCode"])

    def told(self, identity: Identity, row: Row, parameters: dict) -> str:
        """Return what the caller is answered, in a line."""
        return self.answer(identity.lambda_, row, parameters)[1]

    def verdict(self, identity: Identity, row: Row, parameters: dict) -> str:
        """Return whether the caller is allowed."""
        allowed, told = self.answer(identity.lambda_, row, parameters)
        return "allowed" if allowed else f"denied   {told.split(': ', 1)[1]}"


def exactly(row: Row, t: Things, resource: str | list[str], condition: dict | None = None) -> list[dict]:
    """Return the fewest statements for the operation: its action on the resource, and what else it needs."""
    return [allow(row.name, resource, condition), *(allow(action, on) for action, on in row.also(t))]


def another(resource: str) -> str:
    """Return a resource of the same kind that is not the one."""
    return resource.replace(":function:", ":function:not-") if ":function:" in resource else f"{resource}x"


def section(writer: Writer, row: Row) -> list[str]:
    """Return the lines of an operation."""
    t = Things(writer.house)
    resource, call = row.resource(t), row.call(t)
    if resource == "*":
        wrong = t.arn(name="any")
    else:
        wrong = another(resource)
    everything_else = {"Effect": "Allow", "NotAction": row.name, "Resource": "*"}
    identity = writer.house.admin
    stranger = replace(identity, credentials=replace(identity.credentials, secret_access_key="x" * 40))
    lines = [
        ("anonymous", writer.answer(identity.client("lambda", signature_version=UNSIGNED), row, call)[1]),
        ("bad signature", writer.told(stranger, row, call)),
        ("no policy", writer.told(writer.without_policy(), row, call)),
        ("wrong action", writer.told(writer.with_policy(everything_else), row, call)),
        ("wrong resource", writer.told(writer.with_policy(*exactly(row, t, wrong)), row, call)),
        ("explicit deny", writer.told(writer.with_policy(allow("*"), deny(row.name, resource)), row, call)),
        ("boundary", writer.told(writer.within_boundary(document(everything_else)), row, call)),
        ("session policy", writer.told(writer.within_session(document(everything_else)), row, call)),
    ]
    lines += [line for qualifier in row.qualifiers for line in forms(writer, row, t, qualifier)]
    keys = row.keys | ({"aws:ResourceTag/team": Key(lambda t: "red")} if row.tagged else {})
    lines += [line for name, key in keys.items() for line in conditions(writer, row, t, name, key)]
    lines.append(("exactly that", writer.told(writer.with_policy(*exactly(row, t, resource)), row, call)))
    body = [f"  {name:<46}{shortened(t.written(told))}" for name, told in lines]
    return [f"{row.operation}    {row.name} on {t.written(resource)}", *body, ""]


def forms(writer: Writer, row: Row, t: Things, qualifier: str) -> list[tuple[str, str]]:
    """Return whether the call with a qualifier is allowed by each form of resource."""
    if row.operation.startswith("Delete"):
        t = Things(writer.house)
    call = row.call(t) | {"Qualifier": qualifier}
    lines = []
    for resource, written in (
        (t.arn(), "f"),
        (t.arn(qualifier), f"f:{qualifier}"),
        (t.arn(OTHER), "f:other"),
        (t.arn("*"), "f:*"),
    ):
        verdict = writer.verdict(writer.with_policy(*exactly(row, t, resource)), row, call)
        lines.append((f"call f:{qualifier}, policy {written}", verdict.split("   ")[0]))
    return lines


def conditions(writer: Writer, row: Row, t: Things, name: str, key: Key) -> list[tuple[str, str]]:
    """Return whether the call is allowed when the condition is not satisfied, and when it is."""
    # A call that was allowed may have changed what the key looks at.
    t = Things(writer.house)
    resource, call = row.resource(t), row.call(t) | key.call(t)
    operator = "ForAnyValue:StringEquals" if key.several else "StringEquals"
    lines = []
    for value, word in ((key.wrong, "another value"), (key.right(t), "its value")):
        statements = exactly(row, t, resource, {operator: {name: value}})
        caller = writer.with_policy(*statements, *beside(row, t, resource, key))
        lines.append((f"{name}: {word}", writer.verdict(caller, row, call).split("   ")[0]))
    return lines


def beside(row: Row, t: Things, resource: str, key: Key) -> list[dict]:
    """Return what a call with the key's parameters needs beside its own action."""
    more = key.call(t)
    statements = []
    if "Tags" in more:
        statements.append(allow("lambda:TagResource"))
    if "Layers" in more:
        statements.append(allow("lambda:GetLayerVersion"))
    if "VpcConfig" in more:
        statements.append(allow("ec2:Describe*"))
    return statements


def shortened(told: str) -> str:
    """Return an answer without what differs from run to run."""
    told = re.sub(r"RequestID: [0-9a-f-]+", "RequestID: ID", told)
    told = re.sub(r"AKIA[A-Z0-9]{16}", "KEY", told)
    return told.split(". ")[0].split("\n")[0]


def header() -> str:
    """Return what the file begins with."""
    return (
        "The permission matrix: what the server answered to every operation of Lambda. Written by really calling it:\n"
        "  ROLECALL_WRITE_MATRIX=1 .venv/bin/python -m pytest -c tests/pytest.ini --rootdir tests "
        "tests/test_permission_matrix.py\n"
        "and compared in every run of the tests. f is a function with version 1 and the alias live.\n\n"
    )


def written(house: Account, rows: list[Row]) -> str:
    """Return the whole file."""
    writer = Writer(house)
    lines = [line for row in rows for line in section(writer, row)] + url.section(writer)
    return header() + "\n".join(lines)
