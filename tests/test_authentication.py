"""Requests that are not signed, or not rightly, are refused by every service in its own words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from support.account import assumed
from support.errors import refused
from support.policy import allow, trust
from support.wire import EXAMPLES, error_code, signed, unsigned

QUERY, JSON, S3 = ("iam", "sns", "sts"), ("lambda", "logs", "organizations", "sqs"), ("s3",)


def by_service(query: str, json: str, s3: str) -> list:
    """Return parameters `(service, code)` for all services."""
    codes = dict.fromkeys(QUERY, query) | dict.fromkeys(JSON, json) | dict.fromkeys(S3, s3)
    return [pytest.param(service, codes[service], id=service) for service in EXAMPLES]


def check(request, code: str, *texts: str) -> None:
    """Send the request and expect this error with these texts in its body."""
    status, headers, body = request.send()
    assert error_code(status, headers, body) == code, f"{status}: {body}"
    assert status in (400, 403)
    for text in texts:
        assert text in body, body


@pytest.mark.parametrize("service", EXAMPLES)
def test_a_rightly_signed_request_is_answered(house, service):
    status, _, body = signed(house.admin, service).send()
    assert status == 200 or "AWSOrganizationsNotInUseException" in body, body


@pytest.mark.parametrize(
    ("service", "code"), by_service("SignatureDoesNotMatch", "InvalidSignatureException", "SignatureDoesNotMatch")
)
def test_a_wrong_secret(house, service, code):
    wrong = replace(house.admin.credentials, secret_access_key="x" * 40)
    text = "The request signature we calculated does not match the signature you provided."
    check(signed(house.admin, service, wrong), code, text)


@pytest.mark.parametrize(
    ("service", "code"), by_service("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId")
)
def test_an_unknown_key(house, service, code):
    unknown = replace(house.admin.credentials, access_key_id="AKIAIOSFODNN7EXAMPLE")
    text = {
        "s3": "The AWS Access Key Id you provided does not exist in our records.",
    }.get(service, "The security token included in the request is invalid.")
    check(signed(house.admin, service, unknown), code, text)


@pytest.mark.parametrize(
    ("service", "code"),
    by_service("MissingAuthenticationToken", "MissingAuthenticationTokenException", "AccessDenied"),
)
def test_no_signature(house, service, code):
    text = {"s3": "Access Denied"} | dict.fromkeys(QUERY, "Request is missing Authentication Token")
    check(unsigned(house.admin, service), code, text.get(service, "Missing Authentication Token"))


@pytest.mark.parametrize("minutes", [16, -16])
@pytest.mark.parametrize(
    ("service", "code"), by_service("SignatureDoesNotMatch", "InvalidSignatureException", "RequestTimeTooSkewed")
)
def test_a_date_that_is_too_far_off(house, service, code, minutes):
    text = "Signature expired: " if minutes > 0 else "Signature not yet current: "
    if service == "s3":
        text = "The difference between the request time and the current time is too large."
    check(signed(house.admin, service, ago=timedelta(minutes=minutes)), code, text)


@pytest.mark.parametrize("service", EXAMPLES)
@pytest.mark.parametrize("minutes", [14, -14])
def test_a_date_that_is_a_little_off(house, service, minutes):
    status, _, body = signed(house.admin, service, ago=timedelta(minutes=minutes)).send()
    assert status == 200 or "AWSOrganizationsNotInUseException" in body, body


@pytest.mark.parametrize(
    ("service", "code"),
    by_service("SignatureDoesNotMatch", "InvalidSignatureException", "XAmzContentSHA256Mismatch"),
)
def test_a_body_that_was_changed_after_signing(house, service, code):
    request = signed(house.admin, service)
    request.body += b" "
    check(request, code)


@pytest.fixture(scope="module")
def session(house):
    """Return a session of a role that may do everything."""
    return assumed(house.admin, house.role(allow("*"), trust=trust({"AWS": house.root})))


@pytest.mark.parametrize(
    ("service", "code"), by_service("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId")
)
def test_a_temporary_key_without_its_token(house, session, service, code):
    check(signed(house.admin, service, replace(session.credentials, session_token=None)), code)


@pytest.mark.parametrize(
    ("service", "code"), by_service("InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken")
)
def test_a_temporary_key_with_anothers_token(house, session, service, code):
    another = assumed(house.admin, house.role(allow("*"), trust=trust({"AWS": house.root})))
    mixed = replace(session.credentials, session_token=another.credentials.session_token)
    check(signed(house.admin, service, mixed), code)


@pytest.mark.parametrize("service", EXAMPLES)
def test_a_temporary_key_with_its_token(house, session, service):
    status, _, body = signed(house.admin, service, session.credentials).send()
    assert status == 200 or "AWSOrganizationsNotInUseException" in body, body


@pytest.mark.parametrize("service", EXAMPLES)
def test_a_signature_for_one_service_is_no_good_at_another(house, service):
    other = "sts" if service != "sts" else "iam"
    request = unsigned(house.admin, service)
    stolen = signed(house.admin, other).headers
    request.headers |= {name: stolen[name] for name in stolen if name in ("Authorization", "X-Amz-Date")}
    request.headers["Authorization"] = request.headers["Authorization"].replace(f"/{other}/", f"/{service}/")
    status, _, body = request.send()
    assert status in (400, 403), body


@pytest.mark.parametrize("service", ["iam", "sts"])
def test_a_global_endpoint_is_signed_for_its_one_region(house, service):
    host = f"{service}.amazonaws.com"
    assert signed(house.admin, service, host=host).send()[0] == 200
    elsewhere = signed(house.admin, service, host=host, region="eu-west-1")
    check(elsewhere, "SignatureDoesNotMatch", "Credential should be scoped to a valid region. ")


def test_both_forms_of_a_signature_at_once_are_refused(house):
    request = signed(house.admin, "s3")
    request.url += "?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    check(request, "InvalidArgument", "Only one auth mechanism allowed")


def test_temporary_credentials_of_a_user_are_limited(house):
    user = house.user(allow("*"))
    answer = user.sts.get_session_token()
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    temporary = replace(user, credentials=user.credentials.of_session(answer))
    assert temporary.sts.get_caller_identity()["Arn"] == user.arn
    temporary.lambda_.list_functions(MaxItems=1)
    with refused() as refusal:
        temporary.iam.list_users()
    assert refusal.status == 403
    with refused("AccessDenied", "Cannot call GetSessionToken with session credentials", 403):
        temporary.sts.get_session_token()


def test_a_presigned_identity_request(house):
    url = house.admin.sts.generate_presigned_url("get_caller_identity", HttpMethod="GET")
    request = unsigned(house.admin, "sts")
    request.method, request.url, request.headers, request.body = "GET", url, {}, b""
    status, _, body = request.send()
    assert status == 200, body
    assert f"<Arn>{house.admin.arn}</Arn>" in body


def test_sts_is_regional(house):
    in_frankfurt = replace(house.admin, region="eu-central-1")
    assert in_frankfurt.sts.get_caller_identity()["Arn"] == house.admin.arn
    assert in_frankfurt.lambda_.list_functions()["Functions"] == []
