"""AWS SAM's command line: it builds and packages an application, and invokes what was made of it."""

import json
import os
import subprocess
import time

import pytest

from support.account import unique
from support.identity import Identity
from support.runtimes import newest_python
from support.server import ROOT
from support.waiting import eventually

SAM = ROOT / ".sam/bin/sam"
SOURCE = 'def handler(event, context):\n    print("greeting", event["name"])\n    return {"hello": event["name"]}\n'


class Application:
    """A folder with a SAM application, and `sam` run in it."""

    def __init__(self, folder, identity: Identity):
        self.folder = folder
        self.identity = identity

    def write(self) -> None:
        """Write a template with one function."""
        function = {"CodeUri": "src/", "Handler": "hello.handler", "Runtime": newest_python()}
        resource = {"Type": "AWS::Serverless::Function", "Properties": function}
        template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Hello": resource}}
        (self.folder / "template.json").write_text(json.dumps(template))
        (self.folder / "src").mkdir()
        (self.folder / "src/hello.py").write_text(SOURCE)

    def sam(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run a subcommand of SAM."""
        assert SAM.exists(), "./test installs AWS SAM CLI into .sam/"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "SAM_CLI_TELEMETRY": "0",
            "AWS_ENDPOINT_URL": self.identity.endpoint,
            "AWS_DEFAULT_REGION": self.identity.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            **self.identity.credentials.as_environment(),
        }
        return subprocess.run(
            [SAM, *arguments], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=100,
        )  # fmt: skip

    def ok(self, *arguments: str) -> str:
        """Run a subcommand that must succeed, and return what it printed."""
        ended = self.sam(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout


@pytest.fixture(scope="module")
def application(house, tmp_path_factory):
    """Return an application that was built, packaged, and made into a function named `name`."""
    application = Application(tmp_path_factory.mktemp("sam"), house.admin)
    application.write()
    application.ok("build", "--template", "template.json")
    bucket = house.bucket()
    application.ok("package", "--s3-bucket", bucket, "--use-json", "--output-template-file", "packaged.json")
    packaged = json.loads((application.folder / "packaged.json").read_text())
    key = packaged["Resources"]["Hello"]["Properties"]["CodeUri"].removeprefix(f"s3://{bucket}/")
    application.name = unique("sam")
    house.admin.lambda_.create_function(
        FunctionName=application.name, Role=house.basic_role, Runtime=newest_python(), Handler="hello.handler",
        Code={"S3Bucket": bucket, "S3Key": key},
    )  # fmt: skip
    house.wait_until_active(application.name)
    return application


def test_sam_invokes_what_it_packaged(house, application):
    arn = house.function_arn(application.name)
    assert json.loads(application.ok("remote", "invoke", arn, "--event", '{"name": "Ada"}')) == {"hello": "Ada"}


def test_sam_shows_the_logs(house, application):
    marker = f"{application.name}-{time.time_ns()}"
    payload = json.dumps({"name": marker})
    house.admin.lambda_.invoke(FunctionName=application.name, Payload=payload)
    group = f"/aws/lambda/{application.name}"
    eventually(lambda: any(marker in line for line in house.log_lines(application.name)))
    assert f"greeting {marker}" in application.ok("logs", "--cw-log-group", group)


def test_sam_tells_of_a_denial(house, application):
    user = house.user()
    ended = Application(application.folder, user).sam("remote", "invoke", house.function_arn(application.name))
    assert ended.returncode != 0
    assert "lambda:InvokeFunction" in ended.stderr, ended.stderr
    assert "because no identity-based policy allows" in ended.stderr, ended.stderr
