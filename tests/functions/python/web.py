"""Answers requests to its function URL with what it saw, or with what it is told in the query string."""

import json


def handler(event, context):
    told = event.get("queryStringParameters") or {}
    if "raise" in told:
        raise ValueError(told["raise"])
    if "return" in told:
        return json.loads(told["return"])
    return event
