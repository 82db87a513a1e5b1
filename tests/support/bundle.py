"""Zip files of functions and layers."""

import io
import zipfile
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "functions"


def source(name: str) -> bytes:
    """Return the text of a file in tests/functions."""
    return (SOURCES / name).read_bytes()


def bundle(files: dict[str, bytes | str]) -> bytes:
    """Return a zip of these files, each executable, by its path in the zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, date_time=(2026, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, content)
    return packed.getvalue()
