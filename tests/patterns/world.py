"""Carries a decision that is written down over to the server: the principal, its policies, and the call that asks it."""

import json
import re
from patterns.calls import CALLS
from support.account import Account, House, assumed, unique
from support.identity import Identity
from support.policy import text, trust
from support.server import ACCOUNT

PARTNER, STRANGER = "444455556666", "777788889999"


class Case:
    """One decision: the file's words, with this server's ids in place of the file's."""

    def __init__(self, data: dict, world: "World"):
        self.data = data
        self.accounts = dict(world.accounts)
        if data.get("scps"):
            # Nothing limits the management account: the same is asked in a member account.
            self.accounts[ACCOUNT] = world.accounts[PARTNER]
        self.accounts_by_id = {account.id: account for account in self.accounts.values()}
        self.words = {number: account.id for number, account in self.accounts.items()}
        self.words["o-a1b2c3d4e5"] = world.organization

    def __getattr__(self, name: str):
        """Return a part of the case by its name in the file, in this server's words."""
        written = json.dumps(self.data.get(name))
        for word, here in self.words.items():
            written = written.replace(word, here)
        return json.loads(written)

    @property
    def pattern(self) -> str:
        """Return the name of the pattern."""
        return self.data["id"].split("/")[0]

    @property
    def keys(self) -> dict:
        """Return the condition keys, of which the call has to bring those that are its own."""
        return self.context or {}

    @property
    def home(self) -> Account:
        """Return the account that the resource is in."""
        return self.accounts[self.data["resourceAccount"]]

    @property
    def function(self) -> str:
        """Return the function that the resource is, with its qualifier."""
        return self.resource.split(":function:")[1]


class World:
    """The server, three accounts of one organisation, and what the cases need."""

    def __init__(self, house: House, partner: Account, stranger: Account):
        self.accounts = {ACCOUNT: house, PARTNER: partner, STRANGER: stranger}
        self.management = house.admin
        self.organization = house.admin.organizations.describe_organization()["Organization"]["Id"]
        self.made: set[str] = set()
        self.users: dict[tuple[str, str], Identity] = {}
        self.urls: dict[str, str] = {}

    def once(self, name: str) -> bool:
        """Return whether this is the first time that the thing of this name is asked for."""
        if name in self.made:
            return False
        self.made.add(name)
        return True

    # Principals.

    def caller(self, case: Case) -> Identity:
        """Return the case's principal with the case's policies."""
        parts = re.fullmatch(r"arn:aws:(?:iam|sts)::(\d+):(user|assumed-role)/(.+)", case.data["principal"])
        account, kind, name = case.accounts[parts[1]], parts[2], parts[3]
        documents = case.identityPolicies or []
        if kind == "user":
            identity = self._user(account, name)
            for number, document in enumerate(documents):
                account.put_user_policy(identity.name, document, f"case-{number}")
            return identity
        role, session = name.split("/")
        return self._session(account, role, session, documents, case)

    def _user(self, account: Account, name: str) -> Identity:
        """Return the user of this very name, who has no policy. It stays the same user: a policy may name it."""
        iam = account.admin.iam
        if self.once(f"{account.id} user {name}"):
            self.users[account.id, name] = account.user(name=name)
        for policy in iam.list_user_policies(UserName=name)["PolicyNames"]:
            iam.delete_user_policy(UserName=name, PolicyName=policy)
        return self.users[account.id, name]

    def _session(self, account: Account, role: str, session: str, documents: list, case: Case) -> Identity:
        iam = account.admin.iam
        principals = trust({"AWS": account.root, "Service": "lambda.amazonaws.com"})
        if self.once(f"{account.id} role {role}"):
            account.role(name=role, trust=principals)
        for number, document in enumerate(documents):
            iam.put_role_policy(RoleName=role, PolicyName=f"case-{number}", PolicyDocument=text(document))
        tags = {
            key.split("/")[1]: value for key, value in case.keys.items() if key.startswith("aws:PrincipalTag/")
        }
        if tags:
            iam.tag_role(RoleName=role, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
        # A session's name has two characters at least, which the file does not mind.
        return assumed(account.admin, account.role_arn(role), session.ljust(2, "-"))

    # Policies of resources and of the organisation.

    def open(self, case: Case) -> None:
        """Give the resource its policy."""
        document = case.resourcePolicy
        if document is None or not self.once(f"policy of {case.pattern}"):
            return
        home = case.home
        target = document["Statement"][0]["Resource"]
        if ":layer:" in target:
            name, version = target.split(":")[-2:]
            for _ in range(int(version)):
                home.layer(name=name)
            for statement in document["Statement"]:
                home.admin.lambda_.add_layer_version_permission(
                    LayerName=name, VersionNumber=int(version), StatementId=statement["Sid"],
                    Action=statement["Action"], Principal=statement["Principal"]["AWS"],
                )  # fmt: skip
            return
        self.function(home, target.split(":function:")[1])
        home.admin.lambda_.put_resource_policy(ResourceArn=target, Policy=json.dumps(document))

    def function(self, home: Account, name: str, **settings) -> str:
        """Make the function, and the alias of version 1 where the name has one."""
        name, _, alias = name.partition(":")
        if self.once(f"{home.id} function {name}"):
            home.function(FunctionName=name, Timeout=30, **settings)
        if alias and self.once(f"{home.id} alias {name}:{alias}"):
            home.admin.lambda_.publish_version(FunctionName=name)
            home.wait_until_active(name, Qualifier="1")
            home.admin.lambda_.create_alias(FunctionName=name, Name=alias, FunctionVersion="1")
        return name

    def limit(self, case: Case) -> None:
        """Attach the pattern's service control policies to the account that the caller is in."""
        if not case.data.get("scps") or not self.once(f"limits of {case.pattern}"):
            return
        organizations = self.management.organizations
        root = organizations.list_roots()["Roots"][0]
        if not any(kind["Type"] == "SERVICE_CONTROL_POLICY" for kind in root["PolicyTypes"]):
            organizations.enable_policy_type(RootId=root["Id"], PolicyType="SERVICE_CONTROL_POLICY")
        for level in case.scps:
            for document in level["policies"]:
                if document["Statement"][0]["Action"] == "*":
                    continue  # FullAWSAccess is attached already.
                policy = organizations.create_policy(
                    Name=unique("limit"), Description="", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(document)
                )["Policy"]["PolicySummary"]["Id"]
                organizations.attach_policy(PolicyId=policy, TargetId=case.home.id)

    # Deciding.

    def decide(self, data: dict) -> str:
        """Return what the server decides."""
        case = Case(data, self)
        return CALLS[data["action"]](self, case)
