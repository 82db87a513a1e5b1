"""Scene 6: S3 calls a function on upload only while the function's policy lets this bucket of this account."""

import pytest

from support.account import unique
from support.cli import CliError, aws
from support.errors import refused
from support.policy import text
from support.waiting import eventually

NOT_VALID = "Unable to validate the following destination configurations"


class Trigger:
    """A bucket whose uploads shall call a function."""

    def __init__(self, house):
        self.house = house
        self.function = house.function("python/told_keys.py")
        self.bucket = house.bucket()

    def permit(self, **changes) -> None:
        """Let S3 call the function, for this bucket unless `changes` say something else."""
        settings = {"SourceArn": f"arn:aws:s3:::{self.bucket}", "SourceAccount": self.house.id} | changes
        self.house.admin.lambda_.add_permission(
            FunctionName=self.function,
            StatementId="s3",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            **settings,
        )

    def forbid(self) -> None:
        """Take the permission away."""
        self.house.admin.lambda_.remove_permission(FunctionName=self.function, StatementId="s3")

    def configuration(self, **settings) -> dict:
        """Return the notification configuration."""
        arn = self.house.function_arn(self.function)
        return {
            "LambdaFunctionConfigurations": [
                {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"], "Id": "upload", **settings}
            ]
        }

    def configure(self, **settings) -> None:
        """Make the bucket call the function."""
        self.house.admin.s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration=self.configuration(**settings)
        )

    def upload(self, key: str) -> None:
        """Put an object."""
        self.house.admin.s3.put_object(Bucket=self.bucket, Key=key, Body=b"content")

    def told(self) -> list[str]:
        """Return what the function was told of, in the order of its log."""
        marked = [line for line in self.house.log_lines(self.function) if line.startswith("told of ")]
        return [line.removeprefix("told of ").strip() for line in marked]

    def wait_until_told(self, key: str) -> list[str]:
        """Wait until the function was told of a key and return everything that it was told of until then."""
        return eventually(lambda: key in (seen := self.told()) and seen)


@pytest.fixture
def trigger(house):
    """Return a bucket and a function that know nothing of each other."""
    return Trigger(house)


def test_a_bucket_calls_a_function_that_lets_it(trigger):
    trigger.permit()
    trigger.configure()
    trigger.upload("a folder/hello world.txt")
    assert trigger.wait_until_told("a folder/hello world.txt") == ["a folder/hello world.txt"]


def test_without_permission_a_notification_cannot_be_configured(trigger):
    with refused("InvalidArgument", NOT_VALID, 400):
        trigger.configure()


@pytest.mark.parametrize(
    "wrong",
    [
        {"SourceArn": "arn:aws:s3:::another-bucket"},
        {"SourceAccount": "999988887777"},
    ],
    ids=["another bucket", "another account"],
)
def test_a_permission_for_something_else_does_not_count(trigger, wrong):
    trigger.permit(**wrong)
    with refused("InvalidArgument", NOT_VALID):
        trigger.configure()
    trigger.forbid()
    trigger.permit()
    trigger.configure()
    trigger.forbid()
    trigger.permit(**wrong)
    trigger.upload("while-wrong.txt")
    trigger.forbid()
    trigger.permit()
    trigger.upload("while-right.txt")
    assert trigger.wait_until_told("while-right.txt") == ["while-right.txt"]


def test_a_removed_permission_ends_the_calls(trigger):
    trigger.permit()
    trigger.configure()
    trigger.upload("before.txt")
    trigger.wait_until_told("before.txt")
    trigger.forbid()
    trigger.upload("between.txt")
    trigger.permit()
    trigger.upload("after.txt")
    assert trigger.wait_until_told("after.txt") == ["before.txt", "after.txt"]


def test_filters_choose_the_keys(trigger):
    trigger.permit()
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".png"}]
    trigger.configure(Filter={"Key": {"FilterRules": rules}})
    for key in ("out/a.png", "in/a.txt", "in/a.png"):
        trigger.upload(key)
    assert trigger.wait_until_told("in/a.png") == ["in/a.png"]


def test_a_configuration_reads_back_and_can_be_emptied(trigger):
    trigger.permit()
    trigger.configure()
    s3 = trigger.house.admin.s3
    answer = s3.get_bucket_notification_configuration(Bucket=trigger.bucket)
    assert answer["LambdaFunctionConfigurations"] == trigger.configuration()["LambdaFunctionConfigurations"]
    s3.put_bucket_notification_configuration(Bucket=trigger.bucket, NotificationConfiguration={})
    answer = s3.get_bucket_notification_configuration(Bucket=trigger.bucket)
    assert "LambdaFunctionConfigurations" not in answer


def test_the_scene_with_the_aws_command_line(trigger, tmp_path):
    house = trigger.house

    def configure():
        command = f"s3api put-bucket-notification-configuration --bucket {trigger.bucket}"
        aws(house.admin, command, notification_configuration=text(trigger.configuration()))

    with pytest.raises(CliError, match=NOT_VALID):
        configure()
    statement = "--statement-id s3 --action lambda:InvokeFunction --principal s3.amazonaws.com"
    source = f"--source-arn arn:aws:s3:::{trigger.bucket} --source-account {house.id}"
    aws(house.admin, f"lambda add-permission --function-name {trigger.function} {statement} {source}")
    configure()
    upload = tmp_path / "upload.txt"
    upload.write_text("content")
    key = unique("key")
    aws(house.admin, f"s3api put-object --bucket {trigger.bucket} --key {key} --body {upload}")
    assert trigger.wait_until_told(key) == [key]
