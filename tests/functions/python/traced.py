"""A function that AWS's X-Ray SDK traces, with its calls of other services."""

import json
import os

import boto3
from aws_xray_sdk.core import patch, xray_recorder

patch(("botocore",))


def handler(event, context):
    with xray_recorder.in_subsegment("work") as work:
        work.put_annotation("order", event["order"])
        if "function" in event:
            client = boto3.client("lambda")
            kind = event.get("type", "RequestResponse")
            client.invoke(FunctionName=event["function"], InvocationType=kind, Payload=json.dumps({"order": "next"}))
        if "bucket" in event:
            boto3.client("s3").put_object(Bucket=event["bucket"], Key="key", Body=b"content")
    if event.get("fail"):
        raise ValueError("as asked")
    return {"trace": os.environ["_X_AMZN_TRACE_ID"]}
