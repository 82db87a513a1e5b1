"""Code signing configurations through boto3 and the AWS CLI."""

import pytest

from support.account import unique
from support.bundle import bundle
from support.cli import CliError, aws
from support.errors import denied, refused
from support.policy import allow

MISSING = "csc-00000000000000000"
UNSIGNED = bundle({"probe.py": "def handler(event, context):\n    return 'unsigned'\n"})


def publishers(house) -> dict:
    """Return allowed publishers: AWS asks for their form only, not whether they exist."""
    arn = f"arn:aws:signer:us-west-2:{house.id}:/signing-profiles/not_created/0123456789"
    return {"SigningProfileVersionArns": [arn]}


def config_arn(house, name: str) -> str:
    """Return the ARN of a code signing configuration."""
    return f"arn:aws:lambda:us-east-1:{house.id}:code-signing-config:{name}"


def config(house, policy: str = "Enforce") -> str:
    """Make a code signing configuration and return its ARN."""
    made = house.admin.lambda_.create_code_signing_config(
        AllowedPublishers=publishers(house),
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
    )
    return made["CodeSigningConfig"]["CodeSigningConfigArn"]


def test_a_configuration_lives_from_create_to_delete(house):
    client = house.admin.lambda_
    arn = config(house)
    changed = client.update_code_signing_config(CodeSigningConfigArn=arn, Description="ours")["CodeSigningConfig"]
    assert changed["Description"] == "ours"
    assert changed == client.get_code_signing_config(CodeSigningConfigArn=arn)["CodeSigningConfig"]
    listed = client.list_code_signing_configs()["CodeSigningConfigs"]
    assert arn in [one["CodeSigningConfigArn"] for one in listed]
    client.tag_resource(Resource=arn, Tags={"team": "a"})
    assert client.list_tags(Resource=arn)["Tags"] == {"team": "a"}
    client.untag_resource(Resource=arn, TagKeys=["team"])
    assert client.delete_code_signing_config(CodeSigningConfigArn=arn)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("ResourceNotFoundException", f"The Lambda code signing configuration {arn} can not be found.", 404):
        client.get_code_signing_config(CodeSigningConfigArn=arn)


def test_enforce_refuses_unsigned_code_and_warn_takes_it(house):
    client = house.admin.lambda_
    function, arn = house.function(), config(house)
    client.put_function_code_signing_config(FunctionName=function, CodeSigningConfigArn=arn)
    assert client.get_function_code_signing_config(FunctionName=function)["CodeSigningConfigArn"] == arn
    assert client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)["FunctionArns"] == [
        house.function_arn(function)
    ]
    with refused(
        "CodeVerificationFailedException",
        "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is "
        f"not configured to accept. Check the provided signature for {house.function_arn(function)}.",
        400,
    ):
        client.update_function_code(FunctionName=function, ZipFile=UNSIGNED)
    with refused(
        "ResourceConflictException",
        "Lambda cannot delete the code signing configuration at this time — another operation is in progress. "
        "Try again later.",
        409,
    ):
        client.delete_code_signing_config(CodeSigningConfigArn=arn)
    client.update_code_signing_config(
        CodeSigningConfigArn=arn, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Warn"}
    )
    client.update_function_code(FunctionName=function, ZipFile=UNSIGNED)
    client.delete_function_code_signing_config(FunctionName=function)
    assert "CodeSigningConfigArn" not in client.get_function_code_signing_config(FunctionName=function)


def test_what_is_missing_or_wrong_is_refused(house):
    client = house.admin.lambda_
    function, missing = house.function(), config_arn(house, MISSING)
    with refused(
        "CodeSigningConfigNotFoundException",
        "The code signing configuration cannot be found. Check that the provided configuration is not deleted: "
        f"{missing}.",
        404,
    ):
        client.put_function_code_signing_config(FunctionName=function, CodeSigningConfigArn=missing)
    with refused("ResourceNotFoundException", f"Function not found: {house.function_arn('none')}", 404):
        client.get_function_code_signing_config(FunctionName="none")
    with refused("ValidationException", status=400):
        client.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": ["no-arn"]})
    with refused("ValidationException", status=400):
        client.create_code_signing_config(
            AllowedPublishers=publishers(house), CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Never"}
        )


def test_a_publisher_needs_no_version(house):
    profile = f"arn:aws:signer:us-east-1:{house.id}:/signing-profiles/test"
    made = house.admin.lambda_.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": [profile]})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["CodeSigningConfig"]["AllowedPublishers"] == {"SigningProfileVersionArns": [profile]}


def test_attaching_needs_the_function_and_the_configuration(house):
    function, arn = house.function(), config(house)
    action = "lambda:PutFunctionCodeSigningConfig"
    for granted, lacking in [(arn, house.function_arn(function)), (house.function_arn(function), arn)]:
        user = house.user(allow(action, granted))
        with denied(action, lacking):
            user.lambda_.put_function_code_signing_config(FunctionName=function, CodeSigningConfigArn=arn)
    user = house.user(allow(action, [arn, house.function_arn(function)]))
    user.lambda_.put_function_code_signing_config(FunctionName=function, CodeSigningConfigArn=arn)


def test_the_command_line_makes_and_attaches_a_configuration(house):
    function = house.function()
    publisher = publishers(house)["SigningProfileVersionArns"][0]
    made = aws(
        house.admin, f"lambda create-code-signing-config --allowed-publishers SigningProfileVersionArns={publisher}"
    )
    arn = made["CodeSigningConfig"]["CodeSigningConfigArn"]
    assert made["CodeSigningConfig"]["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}
    put = f"lambda put-function-code-signing-config --function-name {function} --code-signing-config-arn"
    assert aws(house.admin, f"{put} {arn}")["FunctionName"] == function
    with pytest.raises(CliError, match="ResourceConflictException"):
        aws(house.admin, f"lambda delete-code-signing-config --code-signing-config-arn {arn}")
    with pytest.raises(CliError, match="CodeSigningConfigNotFoundException"):
        aws(house.admin, f"{put} {config_arn(house, MISSING)}")
    with pytest.raises(CliError, match="ValidationException"):
        aws(house.admin, f"{put} {unique('no-arn')}")
    with pytest.raises(CliError, match="is not authorized to perform: lambda:PutFunctionCodeSigningConfig"):
        aws(house.user(), f"{put} {arn}")
