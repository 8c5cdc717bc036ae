"""What the layers that number tokens have in common: a vocabulary, given or learned, and looking things up in it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._api._choosing import where
from functape._api._elementwise import equal
from functape._api._shaping import reshape
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._holding import from_numpy
from functape._core._known import read
from functape._engine._avals import aval
from functape._engine._dtypes import as_dtype, int64
from functape._engine._errors import FailedPreconditionError
from functape.keras._configuration import floatx
from functape.keras._symbolic_trace import ShapedTensor, stand_in
from functape.keras.layers._layer import Layer
from functape.keras.layers.preprocessing._categories import encoded

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_ALIASES = {"binary": "multi_hot", "tf-idf": "tf_idf"}
_DROPPED = np.iinfo(np.int32).max
"""Stands for a category that does not count."""


def checked_mode(layer: Any, mode: Any, modes: tuple[str, ...] = MODES) -> str:
    """An output mode under its present name.

    **Raises:** `ValueError` for another.
    """
    mode = _ALIASES.get(mode, mode)
    if mode not in modes:
        raise ValueError(
            f"The `output_mode` argument of {type(layer).__name__} must be one of {modes}. Received: output_mode={mode}"
        )
    return mode


def refuse_sparse(sparse: bool) -> None:
    """Refuse sparse outputs.

    **Raises:** `ValueError`.
    """
    if sparse:
        raise ValueError("`sparse=True` is not supported. Leave it out, and use tf.sparse.from_dense on the output.")


def checked_salt(layer: Any, salt: Any) -> list[int] | None:
    """The two integers that a salt stands for.

    **Raises:** `ValueError` for what is no salt.
    """
    if salt is None:
        return None
    if isinstance(salt, tuple | list) and len(salt) == 2:
        return list(salt)
    if isinstance(salt, int):
        return [salt, salt]
    raise ValueError(
        f"The `salt` argument of {type(layer).__name__} can only be a tuple of 2 integers, or a single integer. "
        f"Received: salt={salt}."
    )


def is_symbolic(value: Any) -> bool:
    """Whether a value is there for its shape only."""
    return isinstance(value, ShapedTensor)


def symbolic_like(value: Any, shape: Any, dtype: Any) -> Any:
    """A symbolic tensor of another shape and dtype.

    **Arguments:**
    - `value`: a symbolic tensor.
    - `shape`: lengths as in its aval, where unknown ones have numbers too.
    - `dtype`: the dtype.
    """
    return stand_in(aval(tuple(shape), as_dtype(dtype)))


def buckets(texts: Any, count: int, salt: list[int] | None) -> Any:
    """Which of `count` buckets each string falls into."""
    from functape import strings

    if salt is None:
        return strings.to_hash_bucket_fast(texts, count)
    return strings.to_hash_bucket_strong(texts, count, salt)


def as_tokens(value: Any, dtype: str) -> Any:
    """A tensor of tokens; integers of any dtype are cast."""
    tensor = value if is_tensor_like(value) else convert(np.asarray(value) if dtype == "int64" else value)
    return cast(tensor, as_dtype(dtype)) if tensor.dtype.is_integer else convert(tensor, as_dtype(dtype))


def batches_of(data: Any, dtype: Any, steps: int | None) -> Iterator[Any]:
    """The batches of an array, or of an iterable, with an axis of examples and one of tokens.

    **Arguments:**
    - `data`: what `adapt` was given.
    - `dtype`: of the tokens.
    - `steps`: how many batches at most; None for all.
    """
    if isinstance(data, list | tuple | np.ndarray) or is_tensor_like(data) or hasattr(data, "flat_values"):
        data = data if hasattr(data, "flat_values") else as_tokens(data, dtype)
        yield reshape(data, (-1, 1)) if len(data.shape) == 1 else data
        return
    for number, batch in enumerate(data):
        if number == steps:
            return
        yield batch


class IndexLookup(Layer):
    """The base of `StringLookup` and `IntegerLookup`.

    **Arguments:**
    - `max_tokens`: the largest size of the vocabulary, special tokens included; None for any.
    - `num_oov_indices`: how many numbers there are for what is not in the vocabulary.
    - `mask_token`: what becomes 0, or counts for nothing.
    - `oov_token`: what numbers of unknown tokens become with `invert`.
    - `vocabulary`: the tokens, or a path to a file with one a line.
    - `idf_weights`: the weight of each token for `"tf_idf"`.
    - `invert`: whether to turn numbers into tokens.
    - `output_mode`: `"int"`, `"one_hot"`, `"multi_hot"`, `"count"` or `"tf_idf"`.
    - `pad_to_max_tokens`: whether vectors have `max_tokens` elements.

    **Raises:** `ValueError` for arguments that do not fit each other.
    """

    vocabulary_dtype = "string"

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        salt: Any = None,
        name: str | None = None,
        vocabulary_size: int | None = None,
        has_input_vocabulary: bool | None = None,
        trainable: bool = True,
        dtype: Any = None,
    ) -> None:
        if max_tokens is not None and max_tokens <= 1:
            raise ValueError(f"If set, `max_tokens` must be greater than 1. Received: max_tokens={max_tokens}")
        if pad_to_max_tokens and max_tokens is None:
            raise ValueError(f"If pad_to_max_tokens is True, must set `max_tokens`. Received: max_tokens={max_tokens}")
        if num_oov_indices < 0:
            raise ValueError(
                f"`num_oov_indices` must be greater than or equal to 0. Received: num_oov_indices={num_oov_indices}"
            )
        output_mode = checked_mode(self, output_mode)
        if invert and output_mode != "int":
            raise ValueError(
                f"`output_mode` must be `'int'` when `invert` is true. Received: output_mode={output_mode}"
            )
        refuse_sparse(sparse)
        if idf_weights is not None and output_mode != "tf_idf":
            raise ValueError(
                "`idf_weights` should only be set if `output_mode` is `'tf_idf'`. Received: "
                f"idf_weights={idf_weights} and output_mode={output_mode}"
            )
        if output_mode == "tf_idf" and vocabulary is not None and idf_weights is None:
            raise ValueError(
                "When specifying the `vocabulary` argument, in TF-IDF output mode, the `idf_weights` argument must "
                "also be provided."
            )
        super().__init__(name=name)
        self.autocast = False
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token = mask_token, oov_token
        self.invert, self.output_mode, self.pad_to_max_tokens = invert, output_mode, pad_to_max_tokens
        self.sparse = sparse
        self.__dict__["salt"] = checked_salt(self, salt)
        self.__dict__["input_vocabulary"] = None if isinstance(vocabulary, str) else _listed(vocabulary)
        self.__dict__["input_idf_weights"] = _listed(idf_weights)
        self._has_input_vocabulary = vocabulary is not None if has_input_vocabulary is None else has_input_vocabulary
        self._frozen_vocab_size = vocabulary_size
        self.__dict__["_tokens"] = []
        self.__dict__["_numbers"] = None
        self.__dict__["idf_weights"] = None
        self._forget()
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    # ---- the vocabulary --------------------------------------------------------------------------------------

    def _as_token(self, value: Any) -> Any:
        """A token as it is compared and counted."""
        return value.encode() if isinstance(value, str) else bytes(value)

    def _as_given(self, token: Any) -> Any:
        """A token as `get_vocabulary` shows it."""
        return token.decode("utf-8") if isinstance(token, bytes) else token

    def _first_oov(self) -> int:
        return 1 if self.mask_token is not None and self.output_mode == "int" else 0

    def _first_token(self) -> int:
        return self._first_oov() + self.num_oov_indices

    def _hold(self, tokens: list[Any]) -> None:
        self.__dict__["_tokens"] = tokens
        self.__dict__["_numbers"] = {token: self._first_token() + place for place, token in enumerate(tokens)}

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The tokens; the number of each is its place.

        **Arguments:**
        - `include_special_tokens`: whether those for masks and unknown tokens are among them.
        """
        special: list[Any] = [] if not self._tokens else [self.oov_token] * self._first_token()
        if special and self._first_oov():
            special[0] = self.mask_token
        return [*(special if include_special_tokens else ()), *map(self._as_given, self._tokens)]

    def vocabulary_size(self) -> int:
        """How many tokens there are, special ones included."""
        return len(self._tokens) + self._first_token()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Replace the vocabulary.

        **Arguments:**
        - `vocabulary`: the tokens, with or without the special ones in front, or a path to a file.
        - `idf_weights`: the weight of each for `"tf_idf"`.

        **Raises:** `ValueError` for an empty vocabulary, a token that is there twice, a special one in a wrong place,
        too many tokens, or weights that do not fit.
        """
        if self.output_mode == "tf_idf" and idf_weights is None:
            raise ValueError("`idf_weights` must be set if output_mode is 'tf_idf'.")
        if self.output_mode != "tf_idf" and idf_weights is not None:
            raise ValueError(
                "`idf_weights` should only be set if output_mode is `'tf_idf'`. Received: "
                f"output_mode={self.output_mode} and idf_weights={idf_weights}"
            )
        given = [self._as_token(each) for each in _read_vocabulary(vocabulary)]
        if not given:
            raise ValueError(f"Cannot set an empty vocabulary. Received: vocabulary={vocabulary}")
        first = self._first_token()
        special = [self.mask_token] * self._first_oov() + [self.oov_token] * self.num_oov_indices
        shown = [None if each is None else self._as_token(each) for each in special]
        marked = given[:first] == shown
        tokens = given[first:] if marked else given
        self._check_tokens(tokens, special)
        if self.max_tokens is not None and first + len(tokens) > self.max_tokens:
            raise ValueError(
                "Attempted to set a vocabulary larger than the maximum vocab size. Received vocabulary size is "
                f"{first + len(tokens)}; `max_tokens` is {self.max_tokens}."
            )
        self._hold(tokens)
        self._note_size()
        if idf_weights is not None:
            weights = np.asarray(_listed(idf_weights), floatx())
            if weights.ndim != 1 or len(weights) != len(given):
                raise ValueError(
                    "`idf_weights` must be the same length as vocabulary. len(idf_weights) is "
                    f"{np.size(weights)}; len(vocabulary) is {len(given)}"
                )
            self._weigh(weights, 0 if marked else first)

    def _check_tokens(self, tokens: list[Any], special: list[Any]) -> None:
        repeated = [self._as_given(token) for token, count in Counter(tokens).items() if count > 1]
        if repeated:
            raise ValueError(
                "The passed vocabulary has at least one repeated term. Please uniquify your dataset. The repeated "
                f"terms are: {repeated}"
            )
        named = {"mask": self.mask_token} | ({"OOV": self.oov_token} if self.invert else {})
        for kind, token in named.items():
            if token is not None and self._as_token(token) in tokens:
                raise ValueError(
                    f"Found reserved {kind} token at unexpected location in `vocabulary`. Note that passed "
                    "`vocabulary` does not need to include the OOV and mask tokens. Either remove all mask and OOV "
                    "tokens, or include them only at the start of the vocabulary in precisely this order: "
                    f"{special}. Received: {token!r} at vocabulary index {tokens.index(self._as_token(token))}"
                )

    def _weigh(self, weights: Any, front: int) -> None:
        """Hold the tokens' weights, with their mean for the special ones that have none."""
        back = self.max_tokens - front - len(weights) if self.pad_to_max_tokens and self.max_tokens else 0
        front_weights = np.full(front, np.mean(weights) if front else 0.0, weights.dtype)
        self.__dict__["idf_weights"] = np.concatenate([front_weights, weights, np.zeros(back, weights.dtype)])

    def _note_size(self) -> None:
        size = self.vocabulary_size()
        if self.output_mode != "int" and not self.pad_to_max_tokens and self._frozen_vocab_size not in (None, size):
            raise RuntimeError(
                f"When using `output_mode={self.output_mode}` and `pad_to_max_tokens=False`, the vocabulary size "
                f"cannot be changed after the layer is called. Old vocab size is {self._frozen_vocab_size}, new vocab "
                f"size is {size}"
            )
        self._frozen_vocab_size = size

    # ---- learning it -----------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self.__dict__["_seen"] = Counter()
        self.__dict__["_documents"] = Counter()
        self.__dict__["_count"] = 0

    def reset_state(self) -> None:
        """Forget the tokens seen since the vocabulary was made."""
        if not self._has_input_vocabulary:
            self._forget()

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Learn the vocabulary: the tokens of some data, the most frequent first.

        **Arguments:**
        - `data`: an array, a tensor, or an iterable of batches.
        - `steps`: how many batches to look at.

        **Raises:** `ValueError` if the vocabulary was given.
        """
        self.reset_state()
        for batch in batches_of(data, self.vocabulary_dtype, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the tokens of a batch.

        **Raises:** `ValueError` if the vocabulary was given.
        """
        if self._has_input_vocabulary:
            raise ValueError(
                f"Cannot adapt layer '{self.name}' after setting a static vocabulary via `vocabulary` argument or "
                "`set_vocabulary()` method."
            )
        rows = _rows(data, self.vocabulary_dtype)
        for row in rows:
            self._seen.update(row)
            self._documents.update(set(row))
        self.__dict__["_count"] += len(rows)

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        if self._has_input_vocabulary or not self._seen:
            self._note_size()
            return
        special = {self._as_token(each) for each in (self.mask_token, self.oov_token) if each is not None}
        counted = [(count, token) for token, count in self._seen.items() if token not in special]
        tokens = [token for _, token in sorted(counted, reverse=True)]
        if self.max_tokens:
            tokens = tokens[: self.max_tokens - self._first_token()]
        self._hold(tokens)
        if self.output_mode == "tf_idf":
            documents = np.asarray([self._documents[token] for token in tokens], np.float64)
            self._weigh(np.log(1 + self._count / (1 + documents)).astype(floatx()), self._first_token())
        self._forget()
        self._note_size()

    # ---- calls -----------------------------------------------------------------------------------------------

    def _depth(self) -> int:
        depth = self.max_tokens if self.pad_to_max_tokens else self._frozen_vocab_size
        if depth is None:
            raise RuntimeError(
                f"When using `output_mode={self.output_mode}` and `pad_to_max_tokens=False`, you must set the layer's "
                "vocabulary before calling it. Either pass a `vocabulary` argument to the layer, or call `adapt` with "
                "some sample data."
            )
        return depth

    def call(self, inputs: Any) -> Any:
        """Numbers, vectors or tokens.

        **Arguments:**
        - `inputs`: tokens, or numbers with `invert`; dense, ragged or sparse.

        **Raises:** `InvalidArgumentError` for unknown tokens if there is no number for them;
        `FailedPreconditionError` before there is a vocabulary.
        """
        if is_symbolic(inputs):
            return self._symbolically(inputs)
        if hasattr(inputs, "flat_values"):
            found = inputs.with_flat_values(self._looked_up(inputs.flat_values))
            if self.output_mode == "int":
                return found
            found = found.to_tensor(default_value=_DROPPED)
        elif hasattr(inputs, "dense_shape"):
            found = type(inputs)(inputs.indices, self._looked_up(inputs.values), inputs.dense_shape)
            if self.output_mode == "int":
                return found
            from functape import sparse

            found = sparse.to_dense(found, default_value=_DROPPED)
        else:
            found = self._looked_up(as_tokens(inputs, "int64" if self.invert else self.vocabulary_dtype))
        if self.output_mode == "int":
            return found
        weighed = self.output_mode == "tf_idf"
        vectors = encoded(
            cast(found, as_dtype("int32")), "count" if weighed else self.output_mode, self._depth(), int64
        )
        return cast(vectors, as_dtype(floatx())) * convert(self.idf_weights) if weighed else vectors

    def _symbolically(self, inputs: Any) -> Any:
        shape = inputs.aval.shape
        if self.output_mode == "int":
            return symbolic_like(inputs, shape, self.vocabulary_dtype if self.invert else "int64")
        if self.output_mode == "one_hot":
            shape = shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape
        else:
            shape = shape[:-1]
        return symbolic_like(inputs, (*shape, self._depth()), floatx() if self.output_mode == "tf_idf" else "int64")

    def _looked_up(self, values: Any) -> Any:
        """The number, or with `invert` the token, of each value."""
        if self.output_mode != "int":
            self._depth()
        if self._numbers is None:
            raise FailedPreconditionError(
                message=f"Table not initialized. Layer {self.name!r} has no vocabulary: pass one as `vocabulary`, or "
                "call `adapt` first."
            )
        if self.invert:
            return self._tokens_of(values)
        numbers = self._numbers_of(values)
        if self.mask_token is None:
            return numbers
        masked = equal(values, convert(self.mask_token, values.dtype))
        return where(masked, convert(0 if self.output_mode == "int" else _DROPPED, int64), numbers)

    def _numbers_of(self, values: Any) -> Any:
        raise NotImplementedError

    def _tokens_of(self, values: Any) -> Any:
        raise NotImplementedError

    # ---- configuration and state -----------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("invert", "max_tokens", "num_oov_indices", "oov_token", "mask_token", "output_mode", "sparse",
                 "pad_to_max_tokens", "salt")  # fmt: skip
        told = {name: self.__dict__[name] for name in names}
        told |= {"vocabulary": self.input_vocabulary, "idf_weights": self.input_idf_weights}
        return {**super().get_config(), **told, "vocabulary_size": self._frozen_vocab_size}

    def save_own_variables(self, store: Any) -> None:
        """Put the weights of the tokens into a mapping."""
        if self.output_mode == "tf_idf":
            store["idf_weights"] = self.idf_weights

    def load_own_variables(self, store: Any) -> None:
        """Take the weights of the tokens from a mapping."""
        if self.output_mode == "tf_idf":
            self.__dict__["idf_weights"] = np.asarray(store["idf_weights"])

    def save_assets(self, folder: str) -> None:
        """Write a vocabulary that was learned into a file."""
        if self.input_vocabulary is None:
            with open(os.path.join(folder, "vocabulary.txt"), "w", encoding="utf-8") as file:
                file.write("\n".join(map(str, self.get_vocabulary())))

    def load_assets(self, folder: str) -> None:
        """Read what `save_assets` wrote."""
        if self.input_vocabulary is not None:
            return
        lines = _read_vocabulary(os.path.join(folder, "vocabulary.txt"))
        while lines and lines[-1] == "":
            lines.pop()
        if lines:
            self.set_vocabulary(lines, self.idf_weights if self.output_mode == "tf_idf" else None)


def _listed(values: Any) -> Any:
    if values is None or isinstance(values, str):
        return values
    array = values.numpy() if is_tensor_like(values) else np.asarray(values)
    return [each.decode("utf-8") if isinstance(each, bytes) else each for each in array.tolist()]


def _read_vocabulary(vocabulary: Any) -> list[Any]:
    if not isinstance(vocabulary, str):
        return list(_listed(vocabulary))
    if not os.path.exists(vocabulary):
        raise ValueError(f"Vocabulary file {vocabulary} does not exist.")
    with open(vocabulary, encoding="utf-8") as file:
        return file.read().splitlines()


def _rows(data: Any, dtype: str) -> list[list[Any]]:
    """The tokens of each example."""
    if hasattr(data, "flat_values"):
        return [_flat(row) for row in data.to_list()]
    array = read(as_tokens(data, dtype))
    array = array.reshape(1, -1) if array.ndim < 2 else array
    return [row.reshape(-1).tolist() for row in array]


def _flat(nested: Any) -> list[Any]:
    return [leaf for each in nested for leaf in _flat(each)] if isinstance(nested, list) else [nested]


def host_lookup(values: Any, function: Any, dtype: Any) -> Any:
    """A function of each element, computed on the host."""
    array = read(values)
    kind = np.dtype(as_dtype(dtype).as_numpy_dtype)
    return from_numpy(np.fromiter(map(function, array.reshape(-1).tolist()), kind, array.size).reshape(array.shape))
