"""InvokeFunctionUrl, which is no operation of the API: a request to a function's URL needs two rights."""

import urllib.error
import urllib.request
from dataclasses import replace

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from matrix.things import Things
from support.identity import Identity
from support.policy import allow, deny, document

URL, FUNCTION = "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"


def visit(caller: Identity, url: str, signed: bool = True) -> str:
    """Request the URL and return the status and, where it is refused, the words."""
    host = url.split("/")[2]
    request = AWSRequest("GET", url, headers={"Host": host})
    if signed:
        secret = caller.credentials
        credentials = ReadOnlyCredentials(secret.access_key_id, secret.secret_access_key, secret.session_token)
        SigV4Auth(credentials, "lambda", caller.region).add_auth(request)
    # The host's name need not resolve here: the request goes to the server's address under that name.
    sent = urllib.request.Request(f"{caller.endpoint}/", headers=dict(request.headers))
    try:
        with urllib.request.urlopen(sent) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode()}"


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
        ("anonymous", visit(admin, url, signed=False)),
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
