"""Invoke by a resource-based policy alone: which grant opens which form of the function's name."""

from matrix.row import Row, function
from matrix.things import Things
from support.policy import allow, document, text

INVOKE = Row("Invoke", function, lambda t: {"FunctionName": t.f}, "InvokeFunction")
# The policy of $LATEST can only be set as a whole document.
AS_DOCUMENT = "$LATEST"


def section(writer) -> list[str]:
    """Return the lines of the grants: every form that a grant can be on, against every form that can be called."""
    t = Things(writer.house)
    writer.house.function(FunctionName=f"{t.f}oo", role=t.role)
    user = writer.without_policy()
    forms = {
        "f": {"FunctionName": t.f},
        "f:live": {"FunctionName": t.f, "Qualifier": "live"},
        "f:1": {"FunctionName": t.f, "Qualifier": "1"},
        "f:$LATEST": {"FunctionName": t.f, "Qualifier": "$LATEST"},
        "foo": {"FunctionName": f"{t.f}oo"},
    }
    lines = []
    for granted, target in forms.items():
        revoke = grant(t, target, user.arn)
        for called, parameters in forms.items():
            name = f"granted on {granted}, call {called}"
            lines.append(f"  {name:<46}{writer.verdict(user, INVOKE, parameters)}")
        revoke()
    return ["Invoke, allowed by a resource-based policy alone", *lines, ""]


def grant(t: Things, target: dict, principal: str):
    """Let the principal invoke the target, and return what takes the right away again."""
    if target.get("Qualifier") != AS_DOCUMENT:
        t.admin.add_permission(
            **target, StatementId="grant", Action="lambda:InvokeFunction", Principal=principal
        )
        return lambda: t.admin.remove_permission(**target, StatementId="grant")
    arn = t.arn(AS_DOCUMENT)
    statement = allow("lambda:InvokeFunction", arn) | {"Principal": {"AWS": principal}}
    t.admin.put_resource_policy(ResourceArn=arn, Policy=text(document(statement)))
    return lambda: t.admin.delete_resource_policy(ResourceArn=arn)
