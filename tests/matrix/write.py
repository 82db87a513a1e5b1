"""Calls every operation with every kind of right and wrong, and writes down what the server answered."""


import re
from dataclasses import replace

from botocore import UNSIGNED, xform_name
from botocore.exceptions import ClientError

from matrix import granted, url
from matrix.row import Key, Needed, Parameters, Row
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

    def is_allowed(self, identity: Identity, row: Row, parameters: dict) -> bool:
        """Return whether the caller is allowed."""
        return self.answer(identity.lambda_, row, parameters)[0]

    def verdict(self, identity: Identity, row: Row, parameters: dict) -> str:
        """Return whether the caller is allowed, in a word."""
        return "allowed" if self.is_allowed(identity, row, parameters) else "denied"


def exactly(
    row: Row, t: Things, resource: str | list[str], condition: dict | None = None, given: Parameters | None = None
) -> list[dict]:
    """Return the fewest statements for the operation: its action on the resource, and what a call with this needs."""
    return [allow(row.name, resource, condition), *(allow(n.action, n.resource(t)) for n in needs(row, given or {}))]


def needs(row: Row, given: Parameters) -> list[Needed]:
    """Return the further rights that a call with these parameters needs."""
    return [needed for needed in row.also if not needed.given or needed.given in given]


def with_more(call: Parameters, more: Parameters) -> Parameters:
    """Return the parameters with others; those that are none are taken away."""
    return {name: value for name, value in (call | more).items() if value is not None}


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
    lines += further(writer, row, t)
    if row.qualifiers:
        lines += forms(writer, row)
    keys = row.keys | ({"aws:ResourceTag/team": Key(lambda t: "red")} if row.tagged else {})
    lines += [line for name, key in keys.items() for line in conditions(writer, row, name, key)]
    lines.append(("exactly that", writer.told(writer.with_policy(*exactly(row, t, resource)), row, call)))
    body = [f"  {name:<46}{shortened(t.written(told))}" for name, told in lines]
    return [f"{row.operation}    {row.name} on {t.written(resource)}", *body, ""]


def further(writer: Writer, row: Row, t: Things) -> list[tuple[str, str]]:
    """Return what is answered when one of the further rights is missing, and whether all of them are enough."""
    lines = []
    for missing in row.also:
        more = missing.call(t)
        given = more | {missing.given: None}
        rights = [allow(n.action, n.resource(t)) for n in needs(row, given) if n is not missing]
        caller = writer.with_policy(allow(row.name, row.resource(t)), *rights)
        lines.append((f"without {missing.action}", writer.told(caller, row, with_more(row.call(t), more))))
    # What a condition key is about is given in the key's own lines.
    in_keys = {parameter for key in row.keys.values() for parameter in key.call(t)}
    for parameter, needed in {n.given: n for n in row.also if n.given and n.given not in in_keys}.items():
        t = Things(writer.house)
        more = needed.call(t)
        caller = writer.with_policy(*exactly(row, t, row.resource(t), given=more | {parameter: None}))
        lines.append((f"with all for {parameter}", writer.verdict(caller, row, with_more(row.call(t), more))))
    return lines


def forms(writer: Writer, row: Row) -> list[tuple[str, str]]:
    """Return which forms of the function's name can be called by each form of resource."""
    t = Things(writer.house)
    call = row.call(t)
    calls = {f"f:{qualifier}": row.qualified(call, qualifier) for qualifier in row.qualifiers}
    if row.unqualified:
        longer = {name: lengthened(value, t) for name, value in call.items()}
        calls = {"f": call} | calls | {"foo": longer}
    qualifiers = dict.fromkeys([*row.qualifiers, "live", OTHER])
    resources = {"f": t.arn()} | {f"f:{qualifier}": t.arn(qualifier) for qualifier in qualifiers} | {
        "f:*": t.arn("*"),
        "f and f:*": [t.arn(), t.arn("*")],
        "f*": t.arn() + "*",
        "function:*": t.arn(name="*"),
    }
    lines = []
    for written, resource in resources.items():
        rights = (allow(needed.action) for needed in row.also if not needed.given)
        caller = writer.with_policy(allow(row.name, resource), *rights)
        allowed = [form for form, parameters in calls.items() if writer.is_allowed(caller, row, parameters)]
        denied = [form for form in calls if form not in allowed]
        told = [f"{word} {', '.join(forms)}" for word, forms in (("allowed", allowed), ("denied", denied)) if forms]
        lines.append((f"policy {written}", "; ".join(told)))
    return lines


def lengthened(value, t: Things):
    """Return a parameter with the name of another function, whose name begins with this one's."""
    return value.replace(t.f, f"{t.f}oo") if isinstance(value, str) else value


def conditions(writer: Writer, row: Row, name: str, key: Key) -> list[tuple[str, str]]:
    """Return whether the call is allowed when the condition is not satisfied, and when it is."""
    # A call that was allowed may have changed what the key looks at.
    t = Things(writer.house)
    resource, more = row.resource(t), key.call(t)
    operator = f"ForAnyValue:{key.operator}" if key.several else key.operator
    if key.right is None:
        tried = (("StringLike", "*", "any value"), ("Null", "true", "absent"))
    else:
        tried = ((operator, key.wrong, "another value"), (operator, key.right(t), "its value"))
    lines = []
    for operator, value, word in tried:
        statements = exactly(row, t, resource, {operator: {name: value}}, more)
        caller = writer.with_policy(*statements)
        lines.append((f"{name}: {word}", writer.verdict(caller, row, row.call(t) | more)))
    return lines


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
        "and compared in every run of the tests. f is a function with version 1 and the alias live, foo is another "
        "one.\n"
        "A line `policy R` says which forms of the name can be called with the action allowed on R.\n\n"
    )


def written(house: Account, rows: list[Row]) -> str:
    """Return the whole file."""
    writer = Writer(house)
    lines = [line for row in rows for line in section(writer, row)] + url.section(writer) + granted.section(writer)
    return header() + "\n".join(lines)
