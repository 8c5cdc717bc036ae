"""A layer's calls on symbolic tensors: the nodes they leave in the graphs of functional models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functape._core._shape import TensorShape
from functape.keras.layers._layer_calls import map_leaves


class Nodes:
    """The part of a layer that knows where it was called."""

    _inbound_nodes: list[Any]
    _outbound_nodes: list[Any]

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A layer's own attributes: many set theirs from a table of arguments."""

    def _call_symbolically(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from functape.keras._symbolic_nodes import call_layer

        return call_layer(self, args, kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic tensors of the shapes and dtypes that a call would return; the layer is built if need be."""
        from functape.keras._symbolic_nodes import abstract_outputs

        return abstract_outputs(self, args, kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of a shape (a structure of shapes for several).

        **Arguments:**
        - `input_shape`: lengths, None where they may be any.
        """
        from functape.keras._symbolic_nodes import stand_ins_for_shapes

        outputs = self.compute_output_spec(stand_ins_for_shapes(input_shape, self.compute_dtype))  # type: ignore[attr-defined]
        return map_leaves(lambda each: TensorShape(each.shape), outputs)

    def compute_output_signature(self, input_signature: Any) -> Any:
        """As `compute_output_spec`, from and to `tf.TensorSpec`s."""
        from functape._core._spec import TensorSpec
        from functape.keras._symbolic import KerasTensor

        given = map_leaves(lambda spec: KerasTensor(spec.shape, spec.dtype), input_signature)
        return map_leaves(lambda each: TensorSpec(each.shape, each.dtype), self.compute_output_spec(given))

    # ---- Keras 2's views -------------------------------------------------------------------------------------

    def _single_node(self, what: str) -> Any:
        nodes = self._inbound_nodes
        if not nodes:
            raise AttributeError(f"The layer {self.name!r} has never been called and thus has no defined {what}.")  # type: ignore[attr-defined]
        return nodes[0]

    @property
    def input(self) -> Any:
        """The symbolic tensors the layer was called on.

        **Raises:** `AttributeError` if it never was, or at several places.
        """
        node = self._single_node("input")
        if len(self._inbound_nodes) > 1 and len({str(each.input_shapes) for each in self._inbound_nodes}) > 1:
            raise AttributeError(f"The layer {self.name!r} has multiple inbound nodes. Use get_input_at(i).")  # type: ignore[attr-defined]
        return node.given_inputs

    @property
    def output(self) -> Any:
        """The symbolic tensors of its first call on symbolic tensors; the rest as `input`."""
        return self._single_node("output").outputs

    @property
    def input_shape(self) -> Any:
        """The shape of `input`."""
        return map_leaves(lambda each: tuple(each.shape), self._single_node("input shape").given_inputs)

    @property
    def output_shape(self) -> Any:
        """The shape of `output`."""
        return map_leaves(lambda each: tuple(each.shape), self._single_node("output shape").outputs)

    @property
    def inbound_nodes(self) -> list[Any]:
        """Its calls on symbolic tensors."""
        return self._inbound_nodes

    @property
    def outbound_nodes(self) -> list[Any]:
        """The calls that take its outputs."""
        return self._outbound_nodes

    def _node_at(self, node_index: int, what: str) -> Any:
        if not 0 <= node_index < len(self._inbound_nodes):
            raise ValueError(
                f"Asked to get {what} at node {node_index}, but the layer has only {len(self._inbound_nodes)} inbound "
                "nodes."
            )
        return self._inbound_nodes[node_index]

    def get_input_at(self, node_index: int) -> Any:
        """The symbolic tensors of the call numbered `node_index`."""
        return self._node_at(node_index, "input").given_inputs

    def get_output_at(self, node_index: int) -> Any:
        """The outputs of the call numbered `node_index`."""
        return self._node_at(node_index, "output").outputs

    def get_input_shape_at(self, node_index: int) -> Any:
        """The shape of `get_input_at(node_index)`."""
        return map_leaves(lambda each: tuple(each.shape), self.get_input_at(node_index))

    def get_output_shape_at(self, node_index: int) -> Any:
        """The shape of `get_output_at(node_index)`."""
        return map_leaves(lambda each: tuple(each.shape), self.get_output_at(node_index))
