"""The server that all tests of a session share, and servers of their own for those that stop and kill."""

import os

import pytest

from support.account import Account, House, assumed
from support.server import Server
from support.waiting import eventually

# What the machine has configured must not reach the clients under test.
for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """Return the server of this session with its first account. Names keep the tests apart."""
    server = Server(tmp_path_factory.mktemp("house")).start()
    yield House(server)
    assert server.stop() == 0, server.log_tail()


def member(house: House, name: str) -> Account:
    """Make an account with Organizations and enter it through the role that comes with it."""
    organizations = house.admin.organizations
    request = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]

    def finished():
        answer = organizations.describe_create_account_status(CreateAccountRequestId=request["Id"])
        return answer["CreateAccountStatus"]["State"] != "IN_PROGRESS" and answer["CreateAccountStatus"]

    status = eventually(finished)
    assert status["State"] == "SUCCEEDED", status
    account_id = status["AccountId"]
    role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    return Account(assumed(house.admin, role), account_id)


@pytest.fixture(scope="session")
def organization(house) -> str:
    """Return the id of the organisation whose management account is the first."""
    return house.admin.organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]


@pytest.fixture(scope="session")
def other_account(house, organization) -> Account:
    """Return a second account."""
    return member(house, "other")


@pytest.fixture(scope="session")
def third_account(house, organization) -> Account:
    """Return a third account."""
    return member(house, "third")


@pytest.fixture
def server(tmp_path):
    """Return a server that is not started, for tests that start and stop it; it is killed at the end."""
    server = Server(tmp_path)
    yield server
    if server.process is not None and server.process.poll() is None:
        server.kill()
