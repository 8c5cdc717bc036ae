"""`tf.keras.layers.StringLookup` and `tf.keras.layers.IntegerLookup`."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._choosing import where
from functape._api._clipping import clip_by_value
from functape._api._elementwise import equal
from functape._api._gathering import gather
from functape._api._ordering import searchsorted
from functape._api._shaping import reshape
from functape._core._cast import cast
from functape._core._convert import convert
from functape._engine._dtypes import int64, string
from functape._engine._errors import InvalidArgumentError
from functape.keras.layers.preprocessing._vocabulary import IndexLookup, buckets, host_lookup


def _unknown(tokens: list[Any]) -> InvalidArgumentError:
    return InvalidArgumentError(
        message="When `num_oov_indices=0` all inputs should be in vocabulary, found OOV values "
        f"{tokens}, consider setting `num_oov_indices=1`."
    )


class StringLookup(IndexLookup):
    """Numbers of strings (`tf.keras.layers.StringLookup`). It computes on the host.

    **Arguments:**
    - `max_tokens`: the largest size of the vocabulary, special tokens included; None for any.
    - `num_oov_indices`: how many numbers there are for unknown strings, dealt by hash.
    - `mask_token`: what becomes 0, or counts for nothing.
    - `oov_token`: what numbers of unknown strings become with `invert`.
    - `vocabulary`: the strings, or a path to a file with one a line; `adapt` learns them otherwise.
    - `idf_weights`: the weight of each string for `"tf_idf"`.
    - `invert`: whether to turn numbers into strings.
    - `output_mode`: `"int"`, `"one_hot"`, `"multi_hot"`, `"count"` or `"tf_idf"`.
    - `pad_to_max_tokens`: whether vectors have `max_tokens` elements.
    - `sparse`: False: sparse outputs are not supported.
    - `encoding`: of the strings; only `"utf-8"`.
    - `salt`: a key for the hash.

    **Raises:** `ValueError` for arguments that do not fit each other.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.StringLookup(vocabulary=["a", "b"])
    >>> layer([["a", "z"], ["b", "b"]]).numpy().tolist()
    [[1, 0], [2, 2]]

    ```
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        if encoding.lower().replace("-", "") != "utf8":
            raise ValueError(f"Only the encoding 'utf-8' is supported. Received: encoding={encoding}")
        self.__dict__["encoding"] = encoding
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            vocabulary,
            idf_weights,
            invert,
            output_mode,
            pad_to_max_tokens,
            sparse,
            salt,
            name,
            **kwargs,
        )

    def _numbers_of(self, values: Any) -> Any:
        if self.num_oov_indices > 1:
            known = host_lookup(values, lambda token: self._numbers.get(token, -1), int64)
            hashed = buckets(values, self.num_oov_indices, self.salt) + self._first_oov()
            return where(equal(known, -1), hashed, known)
        if self.num_oov_indices:
            other = self._first_oov()
            return host_lookup(values, lambda token: self._numbers.get(token, other), int64)
        masks = () if self.mask_token is None else (self._as_token(self.mask_token),)
        unknown: list[Any] = []

        def number(token: Any) -> int:
            if token not in self._numbers and token not in masks:
                unknown.append(token)
            return self._numbers.get(token, 0)

        found = host_lookup(values, number, int64)
        if unknown:
            raise _unknown(unknown)
        return found

    def _tokens_of(self, values: Any) -> Any:
        tokens = [self._as_token(each) for each in self.get_vocabulary()]
        other = self._as_token(self.oov_token)

        def token(number: int) -> Any:
            return tokens[number] if 0 <= number < len(tokens) else other

        return host_lookup(values, token, string)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "encoding": self.encoding}


class IntegerLookup(IndexLookup):
    """Numbers of integers (`tf.keras.layers.IntegerLookup`).

    **Arguments:**
    - `max_tokens`: the largest size of the vocabulary, special tokens included; None for any.
    - `num_oov_indices`: how many numbers there are for unknown integers.
    - `mask_token`: what becomes 0, or counts for nothing.
    - `oov_token`: what numbers of unknown integers become with `invert`.
    - `vocabulary`: the integers, or a path to a file with one a line; `adapt` learns them otherwise.
    - `vocabulary_dtype`: `"int64"`.
    - `idf_weights`, `invert`, `output_mode`, `sparse`, `pad_to_max_tokens`: as for `StringLookup`.
    - `oov_method`: unknown integers are dealt by their remainder, `"floormod"`, or by hash, `"farmhash"`.
    - `salt`: a key for the hash.

    **Raises:** `ValueError` for arguments that do not fit each other.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.IntegerLookup(vocabulary=[12, 36])
    >>> layer([[12, 7], [36, 36]]).numpy().tolist()
    [[1, 0], [2, 2]]

    ```
    """

    vocabulary_dtype = "int64"

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if vocabulary_dtype != "int64":
            raise ValueError(
                "Only `vocabulary_dtype='int64'` is supported at this time. Received: "
                f"vocabulary_dtype={vocabulary_dtype}"
            )
        if oov_method not in ("floormod", "farmhash"):
            raise ValueError(
                "The `oov_method` argument of IntegerLookup must be one of ('floormod', 'farmhash'). "
                f"Received: oov_method={oov_method}"
            )
        if salt is not None and oov_method != "farmhash":
            raise ValueError(f"`salt` can only be used when `oov_method='farmhash'`. Received: oov_method={oov_method}")
        self.__dict__["oov_method"] = oov_method
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            vocabulary,
            idf_weights,
            invert,
            output_mode,
            pad_to_max_tokens,
            sparse,
            salt,
            name,
            **kwargs,
        )

    def _as_token(self, value: Any) -> Any:
        return int(value)

    def _numbers_of(self, values: Any) -> Any:
        flat = reshape(values, (-1,))
        known, place = self._found(flat)
        if self.num_oov_indices == 0:
            unmasked = ~known if self.mask_token is None else ~known & (flat != self.mask_token)
            unknown = flat.numpy()[unmasked.numpy()]
            if unknown.size:
                raise _unknown(unknown.tolist())
            other: Any = convert(0, int64)
        elif self.num_oov_indices == 1:
            other = convert(self._first_oov(), int64)
        elif self.oov_method == "floormod":
            other = flat % self.num_oov_indices + self._first_oov()
        else:
            from functape import strings

            other = buckets(strings.as_string(flat), self.num_oov_indices, self.salt) + self._first_oov()
        return reshape(where(known, place, other), values.shape)

    def _found(self, values: Any) -> tuple[Any, Any]:
        """Whether each value is in the vocabulary, and its number."""
        tokens = np.asarray(self._tokens, np.int64)
        if not tokens.size:
            return equal(values, values + 1), values
        order = np.argsort(tokens)
        keys = convert(tokens[order])
        place = clip_by_value(searchsorted(keys, values), 0, len(tokens) - 1)
        numbers = gather(convert(order.astype(np.int64) + self._first_token()), place)
        return equal(gather(keys, place), values), numbers

    def _tokens_of(self, values: Any) -> Any:
        tokens = np.asarray(self.get_vocabulary() or [self.oov_token], np.int64)
        inside = (values >= 0) & (values < len(tokens))
        place = clip_by_value(values, 0, len(tokens) - 1)
        return where(inside, gather(convert(tokens), cast(place, int64)), convert(self.oov_token, int64))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "vocabulary_dtype": "int64", "oov_method": self.oov_method}
