"""Files from the cache, or fetched into it."""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import warnings
import zipfile
from typing import Any

from functape.keras._configuration import keras_home
from functape.keras.utils._progress import Progbar, print_msg

_BLOCK = 1 << 16


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """The path of a file in the cache, fetched into it if it is not there (`tf.keras.utils.get_file`).

    **Arguments:**
    - `fname`: its name in the cache; that of `origin` by default.
    - `origin`: where it comes from: an address that begins with `http:`, `https:`, `ftp:` or `file:`.
    - `untar`, `extract`: whether to unpack it; the result is then the folder.
    - `md5_hash`: its MD5 hash in hexadecimal; an older name of `file_hash`.
    - `file_hash`: its hash, which a file in the cache must have too.
    - `cache_subdir`: the folder in the cache.
    - `hash_algorithm`: `"md5"`, `"sha256"`, or `"auto"` to tell by the length.
    - `archive_format`: `"tar"`, `"zip"`, a list of these, `"auto"` for both, or None not to unpack.
    - `cache_dir`: the cache; `$KERAS_HOME` or `~/.keras` by default.
    - `force_download`: whether to fetch it even if it is there.

    **Returns:** the path of the file or of the folder.

    **Raises:** `ValueError` for arguments that make no sense or a wrong hash; `Exception`, as in Keras, if it cannot be
    fetched, with where to put the file by hand.

    ```python
    >>> import functape as tf, pathlib, tempfile
    >>> there, cache = pathlib.Path(tempfile.mkdtemp(), "numbers.txt"), tempfile.mkdtemp()
    >>> _ = there.write_text("1 2 3")
    >>> path = tf.keras.utils.get_file(origin=there.as_uri(), cache_dir=cache)
    Downloading data from file:///...
    >>> pathlib.Path(path).read_text()
    '1 2 3'

    ```
    """
    if origin is None:
        raise ValueError('Please specify the "origin" argument (URL of the file to download).')
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    name = os.fspath(fname) if fname else os.path.basename(urllib.parse.urlsplit(origin).path)
    if not name:
        raise ValueError(f"No file name can be told from the origin {origin!r}. Please specify the `fname` argument.")
    if os.sep in name:
        raise ValueError(
            "Paths are no longer accepted as the `fname` argument. Use the `cache_dir` argument for the parent "
            f"directory. Received: fname={name}"
        )
    folder = _writable(keras_home() if cache_dir is None else pathlib.Path(cache_dir).expanduser()) / cache_subdir
    unpacks = extract or untar
    target, unpacked = folder / name, folder / name
    if unpacks:
        stem, dot, _ = name.partition(".")
        if fname and dot:
            unpacked = folder / f"{stem}_extracted"
        else:
            target = folder / f"{name}_archive"
    if force_download or not _is_there(target, file_hash, hash_algorithm):
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(origin, target)
        if file_hash is not None and not _has_hash(target, file_hash, hash_algorithm):
            raise ValueError(
                f"Incomplete or corrupted file {target}: its {hash_algorithm} hash is not {file_hash}. Delete it and "
                "fetch it again, or correct `file_hash`."
            )
    if not unpacks:
        return str(target)
    if not extract_archive(target, unpacked, "tar" if untar else archive_format):
        warnings.warn(f"Could not extract archive {target}.", stacklevel=2)
    return str(unpacked)


def _writable(folder: pathlib.Path) -> pathlib.Path:
    """The folder, or one for temporary files if it cannot be written to."""
    nearest = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    return folder if os.access(nearest, os.W_OK) else pathlib.Path(tempfile.gettempdir()) / ".keras"


def _is_there(path: pathlib.Path, file_hash: str | None, algorithm: str) -> bool:
    if not path.exists():
        return False
    if file_hash is None or _has_hash(path, file_hash, algorithm):
        return True
    print_msg(f"The file {path} has another {algorithm} hash than {file_hash}, so it is fetched again.")
    return False


def _has_hash(path: pathlib.Path, file_hash: str, algorithm: str) -> bool:
    sha = algorithm == "sha256" or (algorithm == "auto" and len(file_hash) == 64)
    found = hashlib.sha256() if sha else hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest() == str(file_hash)


def _fetch(origin: str, target: pathlib.Path) -> None:
    print_msg(f"Downloading data from {origin}")
    partial = target.with_name(target.name + ".part")
    try:
        with urllib.request.urlopen(origin, timeout=60) as source, open(partial, "wb") as file:
            length = int(source.headers.get("Content-Length") or 0)
            bar = Progbar(length or None, verbose=0 if origin.startswith("file:") else 1)
            done = 0
            while block := source.read(_BLOCK):
                file.write(block)
                done += len(block)
                bar.update(done)
        os.replace(partial, target)
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise Exception(
            f"URL fetch failure on {origin}: {getattr(error, 'code', None)} -- {reason}. Without a network, put the "
            f"file there by hand: {target}"
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def extract_archive(file_path: Any, path: Any = ".", archive_format: Any = "auto") -> bool:
    """Unpack an archive into a folder, and nothing outside of it.

    **Arguments:**
    - `file_path`: the archive.
    - `path`: the folder.
    - `archive_format`: `"tar"`, `"zip"`, a list of these, `"auto"` for both, or None.

    **Returns:** whether it was one.
    """
    if archive_format is None:
        return False
    formats = ["tar", "zip"] if archive_format == "auto" else archive_format
    for each in [formats] if isinstance(formats, str) else formats:
        if each not in ("tar", "zip"):
            raise NotImplementedError(f"Archives are of format 'tar' or 'zip'. Received: archive_format={each!r}")
        if each == "tar" and tarfile.is_tarfile(file_path):
            with tarfile.open(file_path) as archive:
                _unpack(lambda: archive.extractall(path, filter="data"), path)
            return True
        if each == "zip" and zipfile.is_zipfile(file_path):
            with zipfile.ZipFile(file_path) as compressed:
                _unpack(lambda: compressed.extractall(path), path)
            return True
    return False


def _unpack(extract: Any, path: Any) -> None:
    known = os.path.exists(path)
    try:
        extract()
    except BaseException:
        if not known:
            shutil.rmtree(path, ignore_errors=True)
        raise
