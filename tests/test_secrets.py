"""No secret gets into the log, not even at its most talkative."""

import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest

from support.account import House, assumed, invoke
from support.policy import allow, trust
from support.wire import signed

VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def test_the_log_and_the_output_hold_no_secret(server, monkeypatch):
    monkeypatch.setenv("RUST_LOG", "debug")
    house = House(server.start())
    user = house.user(allow("lambda:ListFunctions"))
    session = assumed(house.admin, house.role(allow("*"), trust=trust({"AWS": house.root})))
    session.lambda_.list_functions()
    function = house.function(Environment={"Variables": {"PASSWORD": "a-secret-of-the-function"}})
    environment = invoke(house.admin, function, {"do": "describe"})["environment"]

    bucket = house.bucket()
    url = session.client("s3", signature_version="s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "k"}
    )
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(url, timeout=30)
    request = signed(user, "lambda")
    assert request.send()[0] == 200
    spoilt = signed(user, "s3")
    spoilt.body = b"x"
    assert spoilt.send()[0] in (400, 403)
    assert server.stop() == 0

    secrets = {
        "the administrator's secret key": house.admin.credentials.secret_access_key,
        "a user's secret key": user.credentials.secret_access_key,
        "a session's secret key": session.credentials.secret_access_key,
        "a session's token": session.credentials.session_token,
        "a function's variable": "a-secret-of-the-function",
        "a presigned URL's signature": parse_qs(urlsplit(url).query)["X-Amz-Signature"][0],
        "a header's signature": request.headers["Authorization"].split("Signature=")[1],
        "a refused header's signature": spoilt.headers["Authorization"].split("Signature=")[1],
    } | {f"a function's {name}": environment[name] for name in VARIABLES}
    said = server.log.read_text(errors="replace") + server.stdout.read_text()
    assert "rolecall::request" in said
    assert [what for what, secret in secrets.items() if secret in said] == []
