"""InvokeFunctionUrl, which is no operation of the API: a request to a function's URL needs two rights."""

from dataclasses import replace

from matrix.things import Things
from support.function_url import request, signed
from support.identity import Identity
from support.policy import allow, deny, document

URL, FUNCTION = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"


def visit(caller: Identity, url: str, sign: bool = True) -> str:
    """Request the URL and return the status and, where it is refused, the words."""
    made = request(url, caller.endpoint)
    status, _, body = (signed(made, caller) if sign else made).send()
    return str(status) if status == 200 else f"{status} {body}"


def section(writer) -> list[str]:
    """Return the lines of InvokeFunctionUrl."""
    t = Things(writer.house)
    url, arn = t.url, t.arn()
    admin = writer.house.admin
    stranger = replace(admin, credentials=replace(admin.credentials, secret_access_key="x" * 40))
    not_url = {"Effect": "Allow", "NotAction": URL, "Resource": "*"}
    both = allow([URL, FUNCTION], arn)

    def on_condition(action: str, operator: str, key: str, value: str) -> Identity:
        other = FUNCTION if action == URL else URL
        return writer.with_policy(allow(other, arn), allow(action, arn, {operator: {key: value}}))

    lines = [
        ("anonymous", visit(admin, url, sign=False)),
        ("bad signature", visit(stranger, url)),
        ("no policy", visit(writer.without_policy(), url)),
        ("wrong action", visit(writer.with_policy(not_url), url)),
        ("wrong resource", visit(writer.with_policy(allow([URL, FUNCTION], t.arn(name="other"))), url)),
        ("explicit deny", visit(writer.with_policy(allow("*"), deny(URL, arn)), url)),
        ("boundary", visit(writer.within_boundary(document(not_url)), url)),
        ("session policy", visit(writer.within_session(document(not_url)), url)),
        ("without lambda:InvokeFunction", visit(writer.with_policy(allow(URL, arn)), url)),
    ]
    for action, operator, key, right, wrong in (
        (URL, "StringEquals", "lambda:FunctionUrlAuthType", "AWS_IAM", "NONE"),
        (URL, "ArnEquals", "lambda:FunctionArn", arn, t.arn(name="other")),
        (FUNCTION, "Bool", "lambda:InvokedViaFunctionUrl", "true", "false"),
        (URL, "StringEquals", "aws:ResourceTag/team", "red", "blue"),
    ):
        for value, word in ((wrong, "another value"), (right, "its value")):
            told = visit(on_condition(action, operator, key, value), url)
            lines.append((f"{key}: {word}", "allowed" if told == "200" else "denied"))
    lines.append(("exactly that", visit(writer.with_policy(both), url)))
    body = [f"  {name:<46}{t.written(told)}" for name, told in lines]
    return [f"InvokeFunctionUrl    {URL} and {FUNCTION} on {t.written(arn)}", *body, ""]
