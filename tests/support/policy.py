"""Policy documents, as short as they can be written in a test."""

import json

Policy = dict


def document(*statements: dict) -> Policy:
    """Return a policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str | list[str], resource: str | list[str] = "*", condition: dict | None = None) -> dict:
    """Return a statement that allows."""
    return _statement("Allow", action, resource, condition)


def deny(action: str | list[str], resource: str | list[str] = "*", condition: dict | None = None) -> dict:
    """Return a statement that denies."""
    return _statement("Deny", action, resource, condition)


def _statement(effect: str, action, resource, condition: dict | None) -> dict:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def trust(principal: dict, action: str | list[str] = "sts:AssumeRole") -> Policy:
    """Return a trust policy for the principal, like `{"Service": "lambda.amazonaws.com"}`."""
    return document({"Effect": "Allow", "Principal": principal, "Action": action})


LAMBDA_TRUST = trust({"Service": "lambda.amazonaws.com"})


def text(policy: Policy) -> str:
    """Return the policy as the JSON text that AWS's APIs take."""
    return json.dumps(policy)
