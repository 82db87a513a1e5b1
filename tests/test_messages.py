"""The texts of refusals that are not about rights: validation, conflicts, and what is not built."""

import boto3
import pytest
from botocore.config import Config

from support.account import packed, unique
from support.errors import refused
from support.policy import LAMBDA_TRUST, allow, document, text
from support.runtimes import newest_python


@pytest.fixture(scope="module")
def lenient(house):
    """Return clients that do not validate parameters themselves, so that the server has to."""
    return lambda service: house.admin.client(service, parameter_validation=False)


def test_a_statement_id_with_illegal_characters(house, lenient):
    message = (
        "1 validation error detected: Value 'example.com' at 'statementId' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"
    )
    with refused("ValidationException", message, 400):
        lenient("lambda").add_permission(
            FunctionName="f", StatementId="example.com", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
        )


def test_several_mistakes_are_told_together(lenient):
    with refused("ValidationException", status=400) as refusal:
        lenient("lambda").create_function(
            FunctionName="f", Role="no-arn", Handler="h", Timeout=0, MemorySize=1, Code={"ZipFile": b""}
        )
    assert refusal.message.startswith("3 validation errors detected: "), refusal.message
    for member in ("role", "timeout", "memorySize"):
        assert f"at '{member}' failed to satisfy constraint: Member must" in refusal.message


def test_a_missing_parameter_of_iam(lenient):
    with refused("ValidationError", status=400) as refusal:
        lenient("iam").get_role()
    assert refusal.message == (
        "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null"
    )


def test_an_assume_role_session_name_with_illegal_characters(house, lenient):
    with refused("ValidationError", status=400) as refusal:
        lenient("sts").assume_role(RoleArn=house.basic_role, RoleSessionName="Session1:2")
    assert refusal.message == (
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
    )


def test_functions_that_do_not_exist(house):
    arn = house.function_arn("doesnotexist")
    client = house.admin.lambda_
    attempts = {
        f"Function not found: {arn}": [
            lambda: client.get_function(FunctionName="doesnotexist"),
            lambda: client.delete_function(FunctionName="doesnotexist"),
            lambda: client.update_function_configuration(FunctionName="doesnotexist"),
            lambda: client.add_permission(
                FunctionName="doesnotexist", StatementId="s", Action="lambda:InvokeFunction", Principal="*"
            ),
        ],
        f"Function not found: {arn}:$LATEST": [lambda: client.invoke(FunctionName="doesnotexist")],
        "The resource you requested does not exist.": [lambda: client.get_policy(FunctionName="doesnotexist")],
        f"No policy found for: {arn}": [lambda: client.remove_permission(FunctionName="doesnotexist", StatementId="s")],
    }
    for message, calls in attempts.items():
        for call in calls:
            with refused("ResourceNotFoundException", message, 404):
                call()


def test_the_statements_of_a_function(house):
    function, client = house.function(), house.admin.lambda_
    statement = {"FunctionName": function, "StatementId": "s3", "Action": "lambda:InvokeFunction"}
    with refused("ResourceNotFoundException", "No policy is associated with the given resource.", 404):
        client.remove_permission(FunctionName=function, StatementId="s3")
    with refused(
        "InvalidParameterValueException",
        "The provided principal was invalid. Please check the principal and try again.",
        400,
    ):
        client.add_permission(**statement, Principal="invalid.nonaws.com")
    answer = client.add_permission(**statement, Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::test-bucket")
    assert answer["Statement"] == (
        '{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",'
        f'"Resource":"{house.function_arn(function)}",'
        '"Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::test-bucket"}}}'
    )
    policy = client.get_policy(FunctionName=function)["Policy"]
    assert policy == '{"Version":"2012-10-17","Id":"default","Statement":[' + answer["Statement"] + "]}"
    with refused(
        "ResourceConflictException",
        "The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing "
        "statement.",
        409,
    ):
        client.add_permission(**statement, Principal="s3.amazonaws.com")
    with refused(
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the "
        "latest Revision Id",
        412,
    ):
        client.remove_permission(FunctionName=function, StatementId="s3", RevisionId="wrong")
    with refused("ResourceNotFoundException", "Statement non-existent is not found in resource policy.", 404):
        client.remove_permission(FunctionName=function, StatementId="non-existent")
    with refused("InvalidParameterValueException", "We currently do not support adding policies for $LATEST.", 400):
        client.add_permission(**{**statement, "FunctionName": f"{function}:$LATEST"}, Principal="s3.amazonaws.com")


def test_things_that_exist_already(house):
    function = house.function()
    with refused("ResourceConflictException", f"Function already exist: {function}", 409):
        house.admin.lambda_.create_function(
            FunctionName=function,
            Role=house.basic_role,
            Runtime=newest_python(),
            Handler="probe.handler",
            Code={"ZipFile": packed("python/probe.py")},
        )
    user = house.user().name
    with refused("EntityAlreadyExists", f"User with name {user} already exists.", 409):
        house.admin.iam.create_user(UserName=user)
    with refused("NoSuchEntity", "The user with name nobody cannot be found.", 404):
        house.admin.iam.get_user(UserName="nobody")


@pytest.mark.parametrize(
    "document_text",
    ["{", '{"Version":"2012-10-17"}', '{"Version":"2012-10-17","Statement":[{"Effect":"allow","Action":"*"}]}'],
)
def test_documents_that_are_no_policies(house, document_text):
    with refused("MalformedPolicyDocument", status=400):
        house.admin.iam.create_policy(PolicyName=unique("policy"), PolicyDocument=document_text)


def test_a_trust_policy_without_a_principal(house):
    with refused("MalformedPolicyDocument", status=400):
        house.admin.iam.create_role(
            RoleName=unique("role"), AssumeRolePolicyDocument=text(document(allow("sts:AssumeRole")))
        )


def test_what_is_attached_cannot_be_deleted(house):
    role = house.role(allow("s3:GetObject")).rsplit("/", 1)[1]
    with refused("DeleteConflict", "Cannot delete entity, must delete policies first.", 409):
        house.admin.iam.delete_role(RoleName=role)
    assert house.admin.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"] == LAMBDA_TRUST


def test_s3_quotes_the_resource_of_a_denial(house):
    bucket, user = house.bucket(), house.user()
    message = (
        f"User: {user.arn} is not authorized to perform: s3:GetObject on resource: "
        f'"arn:aws:s3:::{bucket}/key" because no identity-based policy allows the s3:GetObject action'
    )
    with refused("AccessDenied", message, 403):
        user.s3.get_object(Bucket=bucket, Key="key")


def test_operations_that_are_not_built_say_so(house):
    with refused("NotImplemented", "Rolecall does not have ec2:DescribeInstances yet", 501):
        house.admin.ec2.describe_instances()
    with refused("NotImplemented", "Rolecall does not have iam:CreateSAMLProvider yet", 501):
        house.admin.iam.create_saml_provider(Name="p", SAMLMetadataDocument="x" * 1000)
    with refused("NotImplemented", status=501) as refusal:
        house.admin.s3.create_multipart_upload(Bucket=house.bucket(), Key="k")
    assert "CreateMultipartUpload" in refusal.message


def test_a_service_that_is_not_there_says_so(house):
    credentials = house.admin.credentials
    client = boto3.client(
        "dynamodb",
        endpoint_url=house.admin.endpoint,
        region_name=house.admin.region,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )
    with refused("UnknownService", status=501) as refusal:
        client.list_tables()
    assert "Rolecall does not have the service 'dynamodb'" in refusal.message
