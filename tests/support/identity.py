"""Who signs a request."""

import threading
from dataclasses import dataclass, field
from functools import cache

import boto3
from botocore.config import Config

# One session for all clients: it keeps the parsed service models, which cost most of a client's start.
# It is not made for several threads, so a client is made under the lock; the client itself is.
_SESSION = boto3.Session(region_name="us-east-1")
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Credentials:
    """An access key, and a session token where the key is temporary."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    @classmethod
    def of_session(cls, answer: dict) -> "Credentials":
        """Read the credentials in an answer of STS."""
        given = answer["Credentials"]
        return cls(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def as_environment(self) -> dict[str, str]:
        """Return the credentials as the environment variables that AWS's tools read."""
        variables = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        if self.session_token:
            variables["AWS_SESSION_TOKEN"] = self.session_token
        return variables


@dataclass(frozen=True)
class Identity:
    """A principal with credentials at one server. `identity.lambda_.invoke(...)` asks as this principal."""

    endpoint: str
    credentials: Credentials
    arn: str = ""
    region: str = "us-east-1"

    @property
    def name(self) -> str:
        """Return the last part of the principal's ARN: the user's name."""
        return self.arn.rsplit("/", 1)[-1]

    def client(self, service: str, **config):
        """Return a client of the service that signs as this principal and never retries."""
        return _client(self, service) if not config else _new_client(self, service, config)

    @property
    def iam(self):
        """Return a client of IAM."""
        return self.client("iam")

    @property
    def sts(self):
        """Return a client of STS."""
        return self.client("sts")

    @property
    def lambda_(self):
        """Return a client of Lambda."""
        return self.client("lambda")

    @property
    def logs(self):
        """Return a client of CloudWatch Logs."""
        return self.client("logs")

    @property
    def s3(self):
        """Return a client of S3."""
        return self.client("s3")

    @property
    def ec2(self):
        """Return a client of EC2."""
        return self.client("ec2")

    @property
    def sns(self):
        """Return a client of SNS."""
        return self.client("sns")

    @property
    def sqs(self):
        """Return a client of SQS."""
        return self.client("sqs")

    @property
    def organizations(self):
        """Return a client of Organizations."""
        return self.client("organizations")


def _new_client(identity: Identity, service: str, config: dict):
    credentials = identity.credentials
    with _LOCK:
        return _SESSION.client(
            service,
            endpoint_url=identity.endpoint,
            region_name=identity.region,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            config=Config(**{"retries": {"total_max_attempts": 1}, "read_timeout": 100, **config}),
        )


@cache
def _client(identity: Identity, service: str):
    return _new_client(identity, service, {})
