"""Logs at every level, as text, as an error and with fields of its own."""

import logging

logger = logging.getLogger("shop")


def handler(event, context):
    """Log as the event says."""
    print("printed")
    logger.debug("a detail")
    logger.warning("stock of %s is low", event["item"], extra={"item": event["item"]})
    try:
        raise KeyError(event["item"])
    except KeyError:
        logger.exception("not found")
    if event.get("fail"):
        raise ValueError("no such item")
    return len(logging.getLogger().handlers)
