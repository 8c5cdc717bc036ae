"""`tf.keras.layers.TextVectorization`."""

from __future__ import annotations

from typing import Any

from functape._api._shaping import pad, squeeze
from functape._core._convert import convert
from functape._engine._dtypes import string
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.layers._layer import Layer
from functape.keras.layers.preprocessing._lookups import StringLookup
from functape.keras.layers.preprocessing._vocabulary import (
    batches_of,
    checked_mode,
    is_symbolic,
    symbolic_like,
)

_PUNCTUATION = r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']'
_STANDARDIZE = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
_SPLIT = ("whitespace", "character")
_UNKNOWN_LENGTH = 2**24 + 43
"""Stands for a number of tokens that depends on the texts."""


class TextVectorization(Layer):
    """Texts as the numbers of their words (`tf.keras.layers.TextVectorization`). It computes on the host.

    **Arguments:**
    - `max_tokens`: the largest size of the vocabulary, special tokens included; None for any.
    - `standardize`: `"lower_and_strip_punctuation"`, `"lower"`, `"strip_punctuation"`, None, or a function of strings.
    - `split`: `"whitespace"`, `"character"`, None, or a function from strings to ragged tokens.
    - `ngrams`: up to how many tokens in a row count as one, or a tuple of such numbers.
    - `output_mode`: `"int"`, `"multi_hot"`, `"count"` or `"tf_idf"`.
    - `output_sequence_length`: to how many tokens each text is cut or filled up with 0.
    - `pad_to_max_tokens`: whether vectors have `max_tokens` elements.
    - `vocabulary`: the tokens, or a path to a file with one a line; `adapt` learns them otherwise.
    - `idf_weights`: the weight of each token for `"tf_idf"`.
    - `sparse`: False: sparse outputs are not supported.
    - `ragged`: whether the output is ragged rather than filled up.
    - `encoding`: of the strings; only `"utf-8"`.

    **Raises:** `ValueError` for arguments that are not known or do not fit each other.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.TextVectorization(output_sequence_length=3)
    >>> layer.adapt(["the cat", "The dog!"])
    >>> layer.get_vocabulary()
    ['', '[UNK]', 'the', 'dog', 'cat']
    >>> layer(["the cat sat"]).numpy().tolist()
    [[2, 4, 1]]

    ```
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: int | tuple[int, ...] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        vocabulary_size: int | None = None,
        has_input_vocabulary: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.autocast = False
        for argument, value, known in (("standardize", standardize, _STANDARDIZE), ("split", split, _SPLIT)):
            if value is not None and not callable(value) and value not in known:
                raise ValueError(
                    f"The `{argument}` argument of TextVectorization must be one of {known}, None or a function. "
                    f"Received: {argument}={value}"
                )
        output_mode = checked_mode(self, output_mode)
        whole = isinstance(ngrams, tuple) and all(isinstance(each, int) for each in ngrams)
        if not (ngrams is None or isinstance(ngrams, int) or whole):
            raise ValueError(f"`ngrams` must be None, an integer, or a tuple of integers. Received: ngrams={ngrams}")
        length = output_sequence_length
        if output_mode == "int" and not (length is None or isinstance(length, int)):
            raise ValueError(
                "`output_sequence_length` must be either None or an integer when `output_mode` is 'int'. Received: "
                f"output_sequence_length={length}"
            )
        if output_mode != "int" and length is not None:
            raise ValueError(
                "`output_sequence_length` must not be set if `output_mode` is not 'int'. Received "
                f"output_sequence_length={length}."
            )
        if ragged and output_mode != "int":
            raise ValueError(
                f"`ragged` must not be true unless `output_mode` is `'int'`. Received: output_mode={output_mode}"
            )
        self._standardize, self._split, self._ragged = standardize, split, ragged
        self.__dict__["_ngrams"] = ngrams
        self._output_mode, self._output_sequence_length = output_mode, length
        self._max_tokens, self._encoding = max_tokens, encoding
        lookup = StringLookup(
            max_tokens=max_tokens,
            vocabulary=vocabulary,
            idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens,
            mask_token="",
            output_mode=output_mode,
            sparse=sparse,
            encoding=encoding,
            has_input_vocabulary=has_input_vocabulary,
            vocabulary_size=vocabulary_size,
        )
        # As in Keras, no layer of its own to whoever looks at the layers inside.
        self.__dict__["_lookup_layer"] = lookup

    # ---- the vocabulary --------------------------------------------------------------------------------------

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """As `StringLookup.get_vocabulary`."""
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """As `StringLookup.vocabulary_size`."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """As `StringLookup.set_vocabulary`."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learn the vocabulary from texts.

        **Arguments:**
        - `data`: strings, or an iterable of batches of them.
        - `batch_size`: accepted for compatibility.
        - `steps`: how many batches to look at.

        **Raises:** `ValueError` if the vocabulary was given.
        """
        self.reset_state()
        for batch in batches_of(data, "string", steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count the tokens of a batch of texts."""
        self._lookup_layer.update_state(self._preprocess(data))

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forget the tokens seen since the vocabulary was made."""
        self._lookup_layer.reset_state()

    # ---- calls -----------------------------------------------------------------------------------------------

    def _preprocess(self, inputs: Any) -> Any:
        """The tokens of texts."""
        from functape import strings

        texts = inputs if hasattr(inputs, "flat_values") else convert(inputs, string)
        how = self._standardize
        if how in ("lower", "lower_and_strip_punctuation"):
            texts = strings.lower(texts)
        if how in ("strip_punctuation", "lower_and_strip_punctuation"):
            texts = strings.regex_replace(texts, _PUNCTUATION, "")
        if callable(how):
            texts = how(texts)
        if self._split is not None:
            if len(texts.shape) > 1:
                if texts.shape[-1] != 1:
                    raise ValueError(
                        "When using `TextVectorization` to tokenize strings, the input rank must be 1 or the last "
                        f"shape dimension must be 1. Received: inputs.shape={texts.shape} with "
                        f"rank={len(texts.shape)}"
                    )
                texts = squeeze(texts, [-1])
            if self._split == "whitespace":
                texts = strings.split(texts)
            elif self._split == "character":
                texts = strings.unicode_split(texts, "UTF-8")
            else:
                texts = self._split(texts)
        if self._ngrams is not None:
            widths = tuple(range(1, self._ngrams + 1)) if isinstance(self._ngrams, int) else self._ngrams
            texts = strings.ngrams(texts, ngram_width=widths, separator=" ")
        return texts

    def call(self, inputs: Any) -> Any:
        """The numbers of the tokens `[batch, tokens]`, or vectors `[batch, vocabulary]`."""
        if is_symbolic(inputs):
            return self._symbolically(inputs)
        found = self._lookup_layer.call(self._preprocess(inputs))
        length = self._output_sequence_length
        if self._output_mode != "int":
            return found
        if hasattr(found, "flat_values"):
            return found if self._ragged else found.to_tensor(default_value=0, shape=[*found.shape[:-1], length])
        if length is None:
            return found
        found = found[..., :length]
        missing = length - found.shape[-1]
        return pad(found, [*([0, 0] for _ in found.shape[:-1]), [0, missing]]) if missing > 0 else found

    def _symbolically(self, inputs: Any) -> Any:
        shape = inputs.aval.shape
        if self._output_mode == "int":
            return symbolic_like(inputs, (shape[0], self._output_sequence_length or _UNKNOWN_LENGTH), "int64")
        tokens = shape if self._split is None else (*(shape[:-1] if len(shape) > 1 else shape), _UNKNOWN_LENGTH)
        return self._lookup_layer._symbolically(symbolic_like(inputs, tokens, "string"))

    # ---- configuration and state -----------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        lookup = self._lookup_layer
        return {
            **super().get_config(),
            "max_tokens": lookup.max_tokens,
            "standardize": _told(self._standardize),
            "split": _told(self._split),
            "ngrams": self._ngrams,
            "output_mode": self._output_mode,
            "output_sequence_length": self._output_sequence_length,
            "pad_to_max_tokens": lookup.pad_to_max_tokens,
            "sparse": lookup.sparse,
            "ragged": self._ragged,
            "vocabulary": lookup.input_vocabulary,
            "idf_weights": lookup.input_idf_weights,
            "encoding": self._encoding,
            "vocabulary_size": self.vocabulary_size(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> TextVectorization:
        """The layer that `get_config` described."""
        config = dict(config)
        for name in ("standardize", "split"):
            if isinstance(config.get(name), dict):
                config[name] = deserialize_keras_object(config[name])
        if isinstance(config.get("ngrams"), list):
            config["ngrams"] = tuple(config["ngrams"])
        return cls(**config)

    def save_own_variables(self, store: Any) -> None:
        """As `StringLookup.save_own_variables`."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        """As `StringLookup.load_own_variables`."""
        self._lookup_layer.load_own_variables(store)

    def save_assets(self, folder: str) -> None:
        """As `StringLookup.save_assets`."""
        self._lookup_layer.save_assets(folder)

    def load_assets(self, folder: str) -> None:
        """As `StringLookup.load_assets`."""
        self._lookup_layer.load_assets(folder)


def _told(value: Any) -> Any:
    return serialize_keras_object(value) if callable(value) else value
