"""The function that all attacks are after: it has a secret, and answers."""

import hashlib
import os
import time
from pathlib import Path

KEPT = Path("/tmp/kept")


def handler(event, context):
    """Return what the caller said with a proof that the secret is still what it was."""
    if not KEPT.exists():
        KEPT.write_text(os.environ["SECRET"])
    time.sleep(event.get("seconds", 0))
    return {"said": event["say"], "proof": hashlib.sha256(KEPT.read_bytes()).hexdigest()}
