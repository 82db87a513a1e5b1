"""Functions from container images: remembered and shown, not run."""

import pytest

from support.account import invoke, unique
from support.bundle import bundle
from support.cli import CliError, aws
from support.errors import denied, refused
from support.policy import allow

INVALID = "InvalidParameterValueException"


def image(house, repository: str = "app", version: str = ":v1") -> str:
    """Return the URI of an image in the account's registry."""
    return f"{house.id}.dkr.ecr.us-east-1.amazonaws.com/{repository}{version}"


def create(house, client=None, **settings) -> str:
    """Make a function from an image and return its name."""
    settings = {"Code": {"ImageUri": image(house)}} | settings
    name = unique("image")
    client = client or house.admin.lambda_
    client.create_function(FunctionName=name, PackageType="Image", Role=house.basic_role, **settings)
    return name


def test_an_image_is_remembered_and_shown_but_not_run(house):
    name = create(house, ImageConfig={"Command": ["app.handler"]})
    house.wait_until_active(name)
    shown = house.admin.lambda_.get_function(FunctionName=name)
    assert shown["Code"] == {"RepositoryType": "ECR", "ImageUri": image(house)}
    assert shown["Configuration"]["PackageType"] == "Image"
    assert shown["Configuration"]["ImageConfigResponse"]["ImageConfig"] == {"Command": ["app.handler"]}
    with refused(INVALID, "Rolecall does not have a way to run functions from container images yet.", 400):
        invoke(house.admin, name)
    by_digest = image(house, version="@sha256:" + "a" * 64)
    updated = house.admin.lambda_.update_function_code(FunctionName=name, ImageUri=by_digest)
    assert updated["CodeSha256"] == "a" * 64


def test_what_does_not_go_together_is_refused(house):
    client = house.admin.lambda_
    words = "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
    with refused(INVALID, words, 400):
        create(house, Handler="h.h")
    with refused(INVALID, "Source image app:v1 is not valid. Provide a valid source image.", 400):
        create(house, Code={"ImageUri": "app:v1"})
    name = create(house)
    house.wait_until_active(name)
    with refused(INVALID, "Please provide ImageUri when updating a function with packageType Image.", 400):
        client.update_function_code(FunctionName=name, ZipFile=bundle({"a.py": ""}))
    words = "Please don't provide ImageUri when updating a function with packageType Zip."
    with refused(INVALID, words, 400):
        client.update_function_code(FunctionName=house.function(), ImageUri=image(house))


def test_the_caller_needs_rights_on_the_repository(house):
    user = house.user(allow(["lambda:*", "iam:PassRole"]))
    with denied("ecr:GetRepositoryPolicy", f"arn:aws:ecr:us-east-1:{house.id}:repository/app"):
        create(house, user.lambda_)
    user = house.user(allow(["lambda:*", "iam:PassRole", "ecr:*"]))
    words = "Lambda does not have permission to access the ECR image. Check the ECR permissions."
    with refused("AccessDeniedException", words, 403):
        create(house, user.lambda_, Code={"ImageUri": image(house).replace(house.id, "999988887777")})


def test_the_command_line_makes_one(house):
    name = unique("image")
    command = f"lambda create-function --package-type Image --role {house.basic_role} --function-name {name}"
    made = aws(house.admin, f"{command} --code ImageUri={image(house)}")
    assert (made["PackageType"], made["CodeSize"]) == ("Image", 0)
    with pytest.raises(CliError, match="ResourceConflictException"):
        aws(house.admin, f"{command} --code ImageUri={image(house)}")
    with pytest.raises(CliError, match="is not valid. Provide a valid source image."):
        aws(house.admin, f"{command} --code ImageUri=app")
    with pytest.raises(CliError, match="is not authorized to perform: lambda:CreateFunction"):
        aws(house.user(), f"{command} --code ImageUri={image(house)}")
