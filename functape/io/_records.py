"""Writing TFRecord files."""

from __future__ import annotations

import struct
import zlib
from types import TracebackType
from typing import Any

from functape._core._host import text
from functape._engine._errors import FailedPreconditionError
from functape.data._files import masked
from functape.io._paths import errors, plain

_GZIP_WINDOW = 16
"""What zlib adds to the size of the window for gzip's format."""


class TFRecordOptions:
    """How a TFRecord file is compressed (`tf.io.TFRecordOptions`).

    **Arguments:**
    - `compression_type`: `""`, `"GZIP"` or `"ZLIB"`; options of another writer are taken over.
    - `flush_mode`: which of zlib's ways of flushing is used.
    - `input_buffer_size`, `output_buffer_size`: accepted: Python's files have buffers of their own.
    - `window_bits`, `compression_level`, `compression_method`, `mem_level`, `compression_strategy`: as in zlib.

    **Raises:** `ValueError` for another kind of compression.

    ```python
    >>> import functape as tf
    >>> tf.io.TFRecordOptions("GZIP", compression_level=9).compression_type
    'GZIP'

    ```
    """

    def __init__(
        self,
        compression_type: Any = None,
        flush_mode: int | None = None,
        input_buffer_size: int | None = None,
        output_buffer_size: int | None = None,
        window_bits: int | None = None,
        compression_level: int | None = None,
        compression_method: int | None = None,
        mem_level: int | None = None,
        compression_strategy: int | None = None,
    ) -> None:
        if isinstance(compression_type, TFRecordOptions):
            compression_type = compression_type.compression_type
        if compression_type not in (None, "", "GZIP", "ZLIB"):
            raise ValueError(f'Not a valid compression_type: "{compression_type}". Use "", "GZIP" or "ZLIB".')
        self.compression_type: str | None = compression_type
        self.flush_mode = flush_mode
        self.input_buffer_size = input_buffer_size
        self.output_buffer_size = output_buffer_size
        self.window_bits = window_bits
        self.compression_level = compression_level
        self.compression_method = compression_method
        self.mem_level = mem_level
        self.compression_strategy = compression_strategy

    def compressor(self) -> Any:
        """What compresses the file's bytes; None if nothing does."""
        if not self.compression_type:
            return None
        bits = 15 if self.window_bits is None else self.window_bits
        return zlib.compressobj(
            zlib.Z_DEFAULT_COMPRESSION if self.compression_level is None else self.compression_level,
            zlib.DEFLATED if self.compression_method is None else self.compression_method,
            abs(bits) + _GZIP_WINDOW if self.compression_type == "GZIP" else bits,
            9 if self.mem_level is None else self.mem_level,
            zlib.Z_DEFAULT_STRATEGY if self.compression_strategy is None else self.compression_strategy,
        )


class TFRecordWriter:
    """Writes records to a TFRecord file (`tf.io.TFRecordWriter`).

    **Arguments:**
    - `path`: the file, which is written anew.
    - `options`: `TFRecordOptions`, or a kind of compression.

    **Raises:** `NotFoundError` or `PermissionDeniedError` if the file cannot be written.

    ```python
    >>> import functape as tf
    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.tfrecord")
    >>> with tf.io.TFRecordWriter(path) as writer:
    ...     writer.write(b"one")
    ...     writer.write(b"two")
    >>> [record.numpy() for record in tf.data.TFRecordDataset(path)]
    [b'one', b'two']

    ```
    """

    def __init__(self, path: Any, options: Any = None) -> None:
        if not isinstance(options, TFRecordOptions):
            options = TFRecordOptions(compression_type=options)
        self._path = plain(path)
        with errors(self._path):
            self._file: Any = open(self._path, "wb")  # noqa: SIM115
        self._compressor = options.compressor()
        self._flush_mode = zlib.Z_SYNC_FLUSH if options.flush_mode is None else options.flush_mode

    def write(self, record: Any) -> None:
        """Append a record.

        **Arguments:**
        - `record`: bytes, text, or a scalar string tensor.

        **Raises:** `FailedPreconditionError` if the writer is closed.
        """
        content = text(record, "WriteRecord")
        length = struct.pack("<Q", len(content))
        head, tail = struct.pack("<I", masked(length)), struct.pack("<I", masked(content))
        self._append(b"".join((length, head, content, tail)))

    def _append(self, content: bytes) -> None:
        if self._file is None:
            raise FailedPreconditionError(message="Writer not initialized or previously closed")
        self._file.write(content if self._compressor is None else self._compressor.compress(content))

    def flush(self) -> None:
        """Bring what was written to the disk."""
        if self._file is None:
            raise FailedPreconditionError(message="Writer not initialized or previously closed")
        if self._compressor is not None and self._flush_mode != zlib.Z_NO_FLUSH:
            self._file.write(self._compressor.flush(self._flush_mode))
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is None:
            return
        if self._compressor is not None:
            self._file.write(self._compressor.flush())
        self._file.close()
        self._file = None

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self.close()
