"""Host names below `localhost`, which some machines do not resolve."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock


@contextmanager
def localhost_names() -> Iterator[None]:
    """Resolve every name below `localhost` to the loopback address."""
    resolve = socket.getaddrinfo

    def patched(host, *arguments, **settings):
        is_local = isinstance(host, str) and (host == "localhost" or host.endswith(".localhost"))
        return resolve("127.0.0.1" if is_local else host, *arguments, **settings)

    with mock.patch("socket.getaddrinfo", patched):
        yield
