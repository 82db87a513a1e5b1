"""Signed requests that AWS's SDK would not send."""

import http.client
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningCredentials

from support.identity import Credentials, Identity


@dataclass
class Request:
    """A request, signed or not, that a test may still spoil before it is sent."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""

    def send(self) -> tuple[int, dict[str, str], str]:
        """Send the request and return the answer's status, headers in lower case, and body."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(self.method, target, body=self.body, headers=self.headers)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read().decode()
        finally:
            connection.close()


# One request that each service understands and that changes nothing.
EXAMPLES = {
    "iam": ("POST", "/", b"Action=ListUsers&Version=2010-05-08", "application/x-www-form-urlencoded", None),
    "sts": ("POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15", "application/x-www-form-urlencoded", None),
    "lambda": ("GET", "/2015-03-31/functions/", b"", None, None),
    "logs": ("POST", "/", b"{}", "application/x-amz-json-1.1", "Logs_20140328.DescribeLogGroups"),
    "organizations": (
        "POST", "/", b"{}", "application/x-amz-json-1.1", "AWSOrganizationsV20161128.DescribeOrganization",
    ),
    "sns": ("POST", "/", b"Action=ListTopics&Version=2010-03-31", "application/x-www-form-urlencoded", None),
    "sqs": ("POST", "/", b"{}", "application/x-amz-json-1.0", "AmazonSQS.ListQueues"),
    "s3": ("GET", "/", b"", None, None),
}  # fmt: skip


def unsigned(identity: Identity, service: str) -> Request:
    """Return the example request for a service without any signature."""
    method, path, body, kind, target = EXAMPLES[service]
    headers = {"Content-Type": kind, "X-Amz-Target": target}
    return Request(method, identity.endpoint + path, {k: v for k, v in headers.items() if v}, body)


def signed(
    identity: Identity,
    service: str,
    credentials: Credentials | None = None,
    ago: timedelta = timedelta(0),
    region: str | None = None,
    host: str | None = None,
) -> Request:
    """Return the example request for a service, signed by the identity (or with other credentials), some time ago."""
    request = unsigned(identity, service)
    if host:
        request.headers["Host"] = host
    given = credentials or identity.credentials
    signer = SigningCredentials(given.access_key_id, given.secret_access_key, given.session_token)
    auth = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    to_sign = AWSRequest(request.method, request.url, headers=dict(request.headers), data=request.body)
    then = datetime.now(timezone.utc) - ago
    with mock.patch("botocore.auth.get_current_datetime", return_value=then):
        auth(signer, service, region or identity.region).add_auth(to_sign)
    request.headers = dict(to_sign.headers.items())
    return request


def error_code(status: int, headers: dict[str, str], body: str) -> str:
    """Return the error's code, whichever protocol it is written in."""
    if "x-amzn-errortype" in headers:
        return headers["x-amzn-errortype"].split(":")[0]
    if "<Code>" in body:
        return body.split("<Code>")[1].split("</Code>")[0]
    if '"__type"' in body:
        return body.split('"__type"')[1].split('"')[1].split("#")[-1]
    return f"{status} without a code: {body}"
