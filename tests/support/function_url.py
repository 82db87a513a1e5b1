"""Requests to function URLs."""

from urllib.parse import quote, urlencode, urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningCredentials

from support.account import Account
from support.identity import Identity
from support.wire import Request


def open_to_everybody(account: Account, function: str, **settings) -> None:
    """Let everybody use the URL of a function: the two statements that AWS's console makes."""
    statements = [
        ("FunctionURLAllowPublicAccess", "lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": "NONE"}),
        ("FunctionURLInvokeAllowPublicAccess", "lambda:InvokeFunction", {"InvokedViaFunctionUrl": True}),
    ]
    for sid, action, condition in statements:
        account.admin.lambda_.add_permission(
            FunctionName=function, StatementId=sid, Action=action, Principal="*", **condition, **settings
        )


def request(url: str, endpoint: str, method: str = "GET", path: str = "/", body: bytes = b"", **query: str) -> Request:
    """Return a request to a function URL that is sent to the endpoint, with the URL's host name."""
    target = path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    return Request(method, endpoint + target, {"Host": urlsplit(url).netloc}, body)


def by_path(url: str, endpoint: str, path: str = "/", **query: str) -> Request:
    """Return a request to a function URL in its path form."""
    url_id = urlsplit(url).netloc.split(".")[0]
    target = f"/_rolecall/lambda-url/{url_id}{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    return Request("GET", endpoint + target, {"Host": urlsplit(endpoint).netloc})


def signed(made: Request, identity: Identity, region: str | None = None, service: str = "lambda") -> Request:
    """Sign a request as botocore signs it."""
    given = identity.credentials
    credentials = SigningCredentials(given.access_key_id, given.secret_access_key, given.session_token)
    to_sign = AWSRequest(made.method, made.url, headers=dict(made.headers), data=made.body)
    botocore.auth.SigV4Auth(credentials, service, region or identity.region).add_auth(to_sign)
    return Request(made.method, made.url, dict(to_sign.headers.items()), made.body)
