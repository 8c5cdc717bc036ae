"""`KerasTensor`: a stand-in for a tensor that has a shape and a dtype, but no value."""

from __future__ import annotations

from typing import Any

from functape._core._masks import keras_mask
from functape._core._shape import TensorShape, make_shape
from functape._core._tensor import Operators
from functape._engine._avals import aval
from functape._engine._dtypes import DType, as_dtype
from functape._engine._op import Op
from functape._engine._recorder import Recorder
from functape._engine._stand_ins import STAND_INS, is_unknown
from functape._engine._tensor import BaseTensor
from functape.keras._naming import unique_name


def stand_in_lengths(shape: TensorShape) -> tuple[int, ...]:
    """The lengths of a shape, with stand-ins for unknown ones."""
    return tuple(STAND_INS[axis % len(STAND_INS)] if length is None else length for axis, length in enumerate(shape))


class KerasTensor(Operators, BaseTensor):
    """A symbolic tensor, from which functional models are built (`tf.keras.KerasTensor`).

    **Arguments:**
    - `shape`: its shape, None for lengths that may be any.
    - `dtype`: its dtype.
    - `sparse`, `ragged`: False: neither is supported.
    - `record_history`: accepted for compatibility.
    - `name`: its name.

    **Raises:** `ValueError` for a sparse or ragged tensor, or a shape of unknown rank.
    """

    __slots__ = ("_shape", "_name", "_node", "_index", "_spec_name", "_pre_serialization_keras_history")
    _keras_mask = keras_mask

    def __init__(
        self,
        shape: Any,
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        **others: Any,
    ) -> None:
        if sparse or ragged:
            raise ValueError("Sparse and ragged symbolic tensors are not supported. Pass a dense shape.")
        given = TensorShape(shape)
        if given.rank is None:
            raise ValueError(f"A KerasTensor needs a shape of known rank. Received: shape={shape}")
        self._shape = make_shape(tuple(given))
        self._take(aval(stand_in_lengths(given), as_dtype(dtype)), name)

    def _take(self, given: Any, name: str | None = None) -> None:
        self.aval = given
        self.home = None
        self._name = name
        self._node: Any = None
        self._index = 0

    @staticmethod
    def record_with_stand_in(op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
        """What an op makes of arguments some of which are symbolic: symbolic tensors."""
        from functape.keras._symbolic_nodes import record_symbolically

        return record_symbolically(op, statics, args)

    @staticmethod
    def call_with_stand_in(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What the function called `name` makes of arguments some of which are symbolic: symbolic tensors."""
        from functape.keras._symbolic_nodes import call_function

        return call_function(name, args, kwargs)

    def enter(self, recorder: Recorder) -> Any:
        """Never: it has no value."""
        raise AttributeError("A KerasTensor has no value that could enter a program.")

    def resolve(self, reason: str = "value needed") -> Any:
        """Never: it has no value.

        **Raises:** `TypeError`.
        """
        raise TypeError(
            "A KerasTensor is symbolic: it's a placeholder for a shape and a dtype. It doesn't have any actual "
            "numerical value, and cannot be read, printed as one, or used in a Python condition. Put the computation "
            "into a layer's `call`, or a tf.keras.layers.Lambda."
        )

    @property
    def shape(self) -> TensorShape:
        """Its shape, None for unknown lengths."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The type of its elements."""
        return self.aval.dtype

    @property
    def ndim(self) -> int:
        """The number of its dimensions."""
        return len(self.aval.shape)

    rank = ndim

    @property
    def name(self) -> str:
        """Its name."""
        if self._name is None:
            self._name = unique_name("keras_tensor")
        return self._name

    @property
    def sparse(self) -> bool:
        """False."""
        return False

    ragged = sparse

    @property
    def node(self) -> Any:
        """The call that made it."""
        return self._node

    @property
    def _keras_history(self) -> Any:
        if self._node is None:
            raise AttributeError("This KerasTensor was not made by a layer.")
        return self._node.history(self._index)

    @property
    def type_spec(self) -> Any:
        """Its shape and dtype as a `tf.TensorSpec`."""
        from functape._core._spec import TensorSpec

        return TensorSpec(self._shape, self.dtype, self._name)

    def get_shape(self) -> TensorShape:
        """As `shape`."""
        return self._shape

    def set_shape(self, shape: Any) -> None:
        """Narrow the shape to one that agrees with it.

        **Raises:** `ValueError` if it does not.
        """
        merged = self._shape.merge_with(shape)
        lengths = tuple(
            length if known is None else known for known, length in zip(merged, self.aval.shape, strict=True)
        )
        self._shape, self.aval = merged, aval(lengths, self.aval.dtype)

    def numpy(self) -> Any:
        """Never: it has no value.

        **Raises:** `TypeError`.
        """
        return self.resolve()

    def __bool__(self) -> bool:
        self.resolve()
        return False

    def __len__(self) -> int:
        raise TypeError("A symbolic tensor has no len(). Use tf.shape(x)[0].")

    def __iter__(self) -> Any:
        raise TypeError("Iterating over a symbolic KerasTensor is not supported.")

    def __eq__(self, other: object) -> Any:
        return self is other

    def __ne__(self, other: object) -> Any:
        return self is not other

    def __hash__(self) -> int:
        return id(self)

    def __deepcopy__(self, memo: Any) -> KerasTensor:
        return self

    def __copy__(self) -> KerasTensor:
        return self

    def __repr__(self) -> str:
        described = f"shape={tuple(self._shape)}, dtype={self.dtype.name}, sparse=False, ragged=False"
        return f"<KerasTensor {described}, name={self.name}>"


def symbolic_from_aval(given: Any) -> KerasTensor:
    """A symbolic tensor of an aval whose lengths may be stand-ins."""
    tensor = KerasTensor.__new__(KerasTensor)
    tensor._shape = make_shape(tuple(None if is_unknown(length) else length for length in given.shape))
    tensor._take(given)
    return tensor
