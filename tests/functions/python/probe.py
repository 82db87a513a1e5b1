"""Does what the event says, so that a test can look at a function from the inside."""

import importlib
import os
import sys
import time
from pathlib import Path

count = 0


def echo(event, context):
    """Return the event."""
    return event


def describe(event, context):
    """Return what the function knows of itself."""
    return {
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "version": context.function_version,
        "memory": context.memory_limit_in_mb,
        "log_group": context.log_group_name,
        "log_stream": context.log_stream_name,
        "remaining_ms": context.get_remaining_time_in_millis(),
        "environment": dict(os.environ),
        "pid": os.getpid(),
        "count": count,
    }


def say(event, context):
    """Print a line."""
    print(event["text"])


def sleep(event, context):
    """Sleep and return for how long."""
    time.sleep(event["seconds"])
    return event["seconds"]


def fail(event, context):
    """Raise an exception."""
    raise ValueError(event["text"])


def leave(event, context):
    """End the process."""
    sys.stdout.flush()
    os._exit(event["code"])


def read_file(event, context):
    """Return the text of a file."""
    return Path(event["path"]).read_text()


def use_module(event, context):
    """Import a module and return its `VALUE`."""
    return importlib.import_module(event["module"]).VALUE


def call(event, context):
    """Call an operation with the execution role, and return its answer's selected members or its error's code."""
    import boto3  # Not at the top: it is slow, and most tests do not call anything.
    from botocore.exceptions import ClientError

    client = boto3.client(event["service"])
    try:
        answer = getattr(client, event["operation"])(**event["parameters"])
    except ClientError as error:
        return {"error": error.response["Error"]["Code"], "message": error.response["Error"].get("Message")}
    if "Body" in answer:
        answer["Body"] = answer["Body"].read().decode()
    return {name: answer[name] for name in event["members"]}


def handler(event, context):
    """Run the action that the event names."""
    global count
    count += 1
    actions = (echo, describe, say, sleep, fail, leave, read_file, use_module, call)
    wanted = event.get("do", "echo") if isinstance(event, dict) else "echo"
    return {action.__name__: action for action in actions}[wanted](event, context)
