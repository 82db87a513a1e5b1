"""Function URLs: their configuration, who may use them, and what the function and its clients see."""

import http.client
import json
import shutil
import subprocess
import time
import urllib.request
from urllib.parse import urlsplit

import pytest

from support.account import assumed, unique
from support.cli import CliError, aws
from support.errors import denied, refused
from support.function_url import by_path, open_to_everybody, request, signed
from support.policy import allow, deny, trust
from support.resolving import localhost_names
from support.runtimes import newest_node

FORBIDDEN = {
    "Message": "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
}
NOT_FOUND = "ResourceNotFoundException"


@pytest.fixture(scope="module")
def web(house):
    """Return the name of a function that answers with what it saw."""
    return house.function("python/web.py")


@pytest.fixture(scope="module")
def iam_url(house, web):
    """Return the URL of the function, for those who sign."""
    return house.admin.lambda_.create_function_url_config(FunctionName=web, AuthType="AWS_IAM")["FunctionUrl"]


@pytest.fixture(scope="module")
def open_url(house):
    """Return the URL of another function, for everybody."""
    name = house.function("python/web.py")
    url = house.admin.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    open_to_everybody(house, name)
    return url


# The operations.


def test_a_configuration_from_create_to_delete(house):
    name, lambda_ = house.function("python/web.py"), house.admin.lambda_
    cors = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "MaxAge": 60}
    made = lambda_.create_function_url_config(FunctionName=name, AuthType="AWS_IAM", Cors=cors)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (made["AuthType"], made["Cors"], made["FunctionArn"]) == ("AWS_IAM", cors, house.function_arn(name))
    assert "InvokeMode" not in made
    assert urlsplit(made["FunctionUrl"]).netloc.endswith(f".lambda-url.us-east-1.localhost:{house.server.port}")
    with refused("ResourceConflictException", status=409) as refusal:
        lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")
    assert refusal.message == (
        f"Failed to create function url config for [functionArn = {house.function_arn(name)}]. "
        "Error message:  FunctionUrlConfig exists for this Lambda function"
    )
    read = lambda_.get_function_url_config(FunctionName=name)
    assert (read["InvokeMode"], read["FunctionUrl"]) == ("BUFFERED", made["FunctionUrl"])
    changed = lambda_.update_function_url_config(FunctionName=name, AuthType="NONE", InvokeMode="RESPONSE_STREAM")
    assert (changed["AuthType"], changed["InvokeMode"], changed["Cors"]) == ("NONE", "RESPONSE_STREAM", cors)
    listed = lambda_.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]
    assert [config["FunctionUrl"] for config in listed] == [made["FunctionUrl"]]
    gone = lambda_.delete_function_url_config(FunctionName=name)
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused(NOT_FOUND, "The resource you requested does not exist.", 404):
        lambda_.get_function_url_config(FunctionName=name)
    assert lambda_.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"] == []


@pytest.mark.parametrize("operation", ["create", "update", "get", "delete"])
@pytest.mark.parametrize("qualifier", ["1", "$LATEST"])
def test_only_an_alias_can_be_a_qualifier(house, web, operation, qualifier):
    call = getattr(house.admin.lambda_, f"{operation}_function_url_config")
    settings = {"AuthType": "NONE"} if operation == "create" else {}
    message = (
        f"1 validation error detected: Value '{qualifier}' at 'qualifier' failed to satisfy constraint: Member must "
        r"satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)"
    )
    with refused("ValidationException", message, 400):
        call(FunctionName=web, Qualifier=qualifier, **settings)


def test_what_is_missing_is_said(house, web):
    lambda_ = house.admin.lambda_
    with refused(NOT_FOUND, "Function does not exist", 404):
        lambda_.create_function_url_config(FunctionName="missing", AuthType="NONE")
    with refused(NOT_FOUND, "Function does not exist", 404):
        lambda_.create_function_url_config(FunctionName=web, Qualifier="nope", AuthType="NONE")
    with refused(NOT_FOUND, "Function does not exist", 404):
        lambda_.list_function_url_configs(FunctionName="missing")
    with refused("ValidationException", status=400) as refusal:
        lambda_.create_function_url_config(FunctionName=web, AuthType="NONE", InvokeMode="UNKNOWN")
    expected = "at 'invokeMode' failed to satisfy constraint: Member must satisfy enum value set: "
    assert refusal.message.endswith(f"{expected}[RESPONSE_STREAM, BUFFERED]")


def test_the_command_line(house):
    name = house.function("python/web.py")
    made = aws(house.admin, f"lambda create-function-url-config --function-name {name} --auth-type NONE")
    assert made["AuthType"] == "NONE"
    changed = aws(
        house.admin,
        f"lambda update-function-url-config --function-name {name} --auth-type AWS_IAM",
        cors=json.dumps({"AllowOrigins": ["*"]}),
    )
    assert (changed["AuthType"], changed["Cors"]) == ("AWS_IAM", {"AllowOrigins": ["*"]})
    read = aws(house.admin, f"lambda get-function-url-config --function-name {name}")
    assert read["FunctionUrl"] == made["FunctionUrl"]
    listed = aws(house.admin, f"lambda list-function-url-configs --function-name {name}")
    assert len(listed["FunctionUrlConfigs"]) == 1
    aws(house.admin, f"lambda delete-function-url-config --function-name {name}")
    with pytest.raises(CliError, match="ResourceNotFoundException"):
        aws(house.admin, f"lambda get-function-url-config --function-name {name}")
    with pytest.raises(CliError, match="ValidationException"):
        aws(house.admin, f"lambda create-function-url-config --function-name {name} --auth-type OTHER")


def test_the_auth_type_can_be_required(house, web):
    only_iam = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
    name = house.function("python/web.py")
    user = house.user(
        allow(["lambda:CreateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig"], condition=only_iam)
    )
    with denied("lambda:CreateFunctionUrlConfig", house.function_arn(name)):
        user.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")
    user.lambda_.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    user.lambda_.update_function_url_config(FunctionName=name, InvokeMode="BUFFERED")
    with denied("lambda:UpdateFunctionUrlConfig", house.function_arn(name)):
        user.lambda_.update_function_url_config(FunctionName=name, AuthType="NONE")


# Who may use a URL.


def visit(house, url, identity):
    """Return the status of a signed request."""
    return signed(request(url, house.admin.endpoint), identity).send()[0]


def test_both_rights_are_needed(house, web, iam_url):
    arn = house.function_arn(web)
    by_url, invoke = allow("lambda:InvokeFunctionUrl", arn), allow("lambda:InvokeFunction", arn)
    via = allow("lambda:InvokeFunction", arn, {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})
    for statements, status in [
        ([], 403),
        ([by_url], 403),
        ([invoke], 403),
        ([by_url, invoke], 200),
        ([by_url, via], 200),
        ([by_url, invoke, deny("lambda:InvokeFunctionUrl", arn)], 403),
    ]:
        user = house.user(*statements)
        assert visit(house, iam_url, user) == status, statements
    only_by_url = house.user(by_url, via)
    with denied("lambda:InvokeFunction", arn):
        only_by_url.lambda_.invoke(FunctionName=web)


def test_who_is_refused_is_told_nothing_but_that(house, iam_url):
    nobody = house.user()
    for made in [
        request(iam_url, house.admin.endpoint),
        signed(request(iam_url, house.admin.endpoint), nobody),
        by_path(iam_url, house.admin.endpoint),
    ]:
        status, headers, body = made.send()
        assert (status, json.loads(body)) == (403, FORBIDDEN)
        assert headers["x-amzn-errortype"] == "AccessDeniedException"
    assert "x-rolecall-decision" in signed(request(iam_url, house.admin.endpoint), nobody).send()[1]


def test_a_signature_counts_for_its_region_and_service(house, iam_url):
    made = request(iam_url, house.admin.endpoint)
    assert signed(made, house.admin).send()[0] == 200
    assert signed(made, house.admin, region="eu-west-1").send()[0] == 403
    assert signed(made, house.admin, service="s3").send()[0] == 403
    spoilt = signed(made, house.admin)
    spoilt.url += "other"
    assert spoilt.send()[0] == 403


def test_a_role_session_is_seen_by_the_function(house, iam_url):
    role = house.role(allow("lambda:Invoke*"), trust=trust({"AWS": house.root}))
    session = assumed(house.admin, role)
    status, _, body = signed(request(iam_url, house.admin.endpoint), session).send()
    iam = json.loads(body)["requestContext"]["authorizer"]["iam"]
    assert (status, iam["userArn"], iam["accountId"]) == (200, session.arn, house.id)
    assert iam["accessKey"] == session.credentials.access_key_id
    assert iam["userId"].endswith(":session")


def test_an_open_url_needs_its_two_statements(house):
    name = house.function("python/web.py")
    url = house.admin.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    made = request(url, house.admin.endpoint)
    assert made.send()[0] == 403
    open_to_everybody(house, name)
    assert made.send()[0] == 200
    house.admin.lambda_.remove_permission(FunctionName=name, StatementId="FunctionURLInvokeAllowPublicAccess")
    assert made.send()[0] == 403


def test_another_account_needs_both_sides(house, other_account, web, iam_url):
    stranger = other_account.user(allow("lambda:Invoke*"))
    assert visit(house, iam_url, stranger) == 403
    sids = ["url", "invoke"]
    for sid, action in zip(sids, ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], strict=True):
        settings = {"FunctionUrlAuthType": "AWS_IAM"} if sid == "url" else {}
        house.admin.lambda_.add_permission(
            FunctionName=web, StatementId=sid, Action=action, Principal=other_account.id, **settings
        )
    assert visit(house, iam_url, stranger) == 200
    assert visit(house, iam_url, other_account.user()) == 403
    for sid in sids:
        house.admin.lambda_.remove_permission(FunctionName=web, StatementId=sid)


def test_an_alias_has_a_url_of_its_own(house, web):
    lambda_ = house.admin.lambda_
    version = lambda_.publish_version(FunctionName=web)["Version"]
    lambda_.get_waiter("published_version_active").wait(FunctionName=web, Qualifier=version)
    lambda_.create_alias(FunctionName=web, Name="live", FunctionVersion=version)
    url = lambda_.create_function_url_config(FunctionName=f"{web}:live", AuthType="NONE")["FunctionUrl"]
    open_to_everybody(house, web, Qualifier="live")
    made = request(url, house.admin.endpoint)
    assert made.send()[0] == 200
    lambda_.delete_alias(FunctionName=web, Name="live")
    assert lambda_.get_function_url_config(FunctionName=web, Qualifier="live")["FunctionUrl"] == url
    assert made.send()[0] == 403
    lambda_.delete_function_url_config(FunctionName=web, Qualifier="live")
    status, headers, body = made.send()
    assert (status, headers["x-amzn-errortype"]) == (404, NOT_FOUND), body


# What goes in and out.


def test_a_request_becomes_an_event(house, iam_url):
    made = request(iam_url, house.admin.endpoint, "POST", "/a/b", b'{"n": 1}', x="1", y="ä b")
    made.headers |= {"Content-Type": "application/json", "Cookie": "a=1; b=2", "X-Own": "yes", "User-Agent": "tests"}
    status, headers, body = signed(made, house.admin).send()
    event = json.loads(body)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/a/b")
    assert event["queryStringParameters"] == {"x": "1", "y": "ä b"}
    assert event["cookies"] == ["a=1", "b=2"]
    assert (event["body"], event["isBase64Encoded"]) == ('{"n": 1}', False)
    assert event["headers"]["x-own"] == "yes"
    assert event["headers"]["host"] == urlsplit(iam_url).netloc
    assert {"x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"} <= set(event["headers"])
    assert "authorization" not in event["headers"]
    context = event["requestContext"]
    assert context["http"]["method"] == "POST"
    assert context["http"]["userAgent"] == "tests"
    assert context["accountId"] == house.id
    assert context["authorizer"]["iam"]["userArn"] == house.admin.arn
    assert time.time() * 1000 - context["timeEpoch"] < 60_000


@pytest.mark.parametrize(
    ("returned", "status", "kind", "body"),
    [
        ('"hello"', 200, "application/json", "hello"),
        ("3", 200, "application/json", "3"),
        ('{"statusCode": 404, "headers": {"content-type": "text/plain"}, "body": "no"}', 404, "text/plain", "no"),
        ('{"statusCode": 200, "body": "aGk=", "isBase64Encoded": true}', 200, "application/json", "hi"),
        ('{"statusCode": "nonsense"}', 502, "application/json", "Internal Server Error"),
    ],
)
def test_what_a_function_returns_is_the_answer(house, open_url, returned, status, kind, body):
    made = request(open_url, house.admin.endpoint, **{"return": returned})
    answered, headers, text = made.send()
    assert (answered, headers["content-type"], text) == (status, kind, body)


def test_a_failed_function_is_a_bad_gateway(house, open_url):
    status, _, body = request(open_url, house.admin.endpoint, **{"raise": "secret"}).send()
    assert (status, body) == (502, "Internal Server Error")


def test_every_way_to_write_the_url(house, open_url):
    assert request(open_url, house.admin.endpoint).send()[0] == 200
    assert json.loads(by_path(open_url, house.admin.endpoint, "/a").send()[2])["rawPath"] == "/a"
    with localhost_names(), urllib.request.urlopen(f"{open_url}b?c=d", timeout=30) as answer:
        assert json.load(answer)["rawPath"] == "/b"
    curl = shutil.which("curl")
    if curl:
        ended = subprocess.run([curl, "-sS", f"{open_url}e"], capture_output=True, text=True, timeout=30, check=True)
        assert json.loads(ended.stdout)["rawPath"] == "/e"


def test_reserved_concurrency_of_nothing_throttles(house):
    name = house.function("python/web.py")
    url = house.admin.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    open_to_everybody(house, name)
    house.admin.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    status, headers, body = request(url, house.admin.endpoint).send()
    assert (status, headers["x-amzn-errortype"]) == (429, "TooManyRequestsException"), body


def test_cross_origin_requests(house):
    name = house.function("python/web.py")
    cors = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["PUT"], "ExposeHeaders": ["x-own"]}
    url = house.admin.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE", Cors=cors)["FunctionUrl"]
    preflight = request(url, house.admin.endpoint, "OPTIONS")
    preflight.headers |= {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}
    status, headers, body = preflight.send()
    assert (status, body) == (200, "")
    assert headers["access-control-allow-origin"] == "https://a.example"
    assert headers["access-control-allow-methods"] == "PUT"
    open_to_everybody(house, name)
    answer = request(url, house.admin.endpoint)
    answer.headers["Origin"] = "https://a.example"
    assert answer.send()[1]["access-control-expose-headers"] == "x-own"


# Streaming.


@pytest.fixture(scope="module")
def streaming_url(house):
    """Return the URL of a function that streams, for everybody."""
    name = house.function("node/streams.js", Runtime=newest_node())
    settings = {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM"}
    url = house.admin.lambda_.create_function_url_config(FunctionName=name, **settings)["FunctionUrl"]
    open_to_everybody(house, name)
    return url


def test_a_streamed_answer_has_its_own_head(house, streaming_url):
    status, headers, body = request(streaming_url, house.admin.endpoint, status="201").send()
    assert (status, headers["x-own"], headers["set-cookie"], body) == (201, "yes", "a=1", "onetwothree")
    status, headers, body = request(streaming_url, house.admin.endpoint).send()
    assert (status, headers["content-type"], body) == (200, "text/plain", "onetwothree")


def test_the_first_words_come_before_the_last(house, streaming_url):
    made = request(streaming_url, house.admin.endpoint, status="200", pause="400")
    parts = urlsplit(made.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}", headers=made.headers)
    answer = connection.getresponse()
    first = answer.read1(100)
    began = time.monotonic()
    rest = answer.read()
    assert first + rest == b"onetwothree"
    assert time.monotonic() - began > 0.5
    connection.close()


def test_a_streaming_function_that_fails(house, streaming_url):
    early = request(streaming_url, house.admin.endpoint, throw="no").send()
    assert (early[0], early[2]) == (502, "Internal Server Error")
    with pytest.raises(http.client.IncompleteRead):
        request(streaming_url, house.admin.endpoint, fail="later").send()


def test_names_are_not_shared(house, web):
    user = house.user()
    with denied("lambda:GetFunctionUrlConfig", house.function_arn(web)):
        user.lambda_.get_function_url_config(FunctionName=web)
    missing = unique("missing")
    with denied("lambda:GetFunctionUrlConfig", house.function_arn(missing)):
        user.lambda_.get_function_url_config(FunctionName=missing)
