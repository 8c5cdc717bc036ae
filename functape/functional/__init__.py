"""The functional door: tape code as pure JAX functions, and back.

`functionalize` hands out what a step records as one pure function of a plain pytree; `load_state` puts values back;
`pytree` is the state of a model, an optimizer or anything that holds variables; `wrap` makes an op of a JAX function.
"""

from functape.functional._export import export
from functape.functional._flax import from_flax, to_flax
from functape.functional._functionalize import functionalize
from functape.functional._state import load_state, pytree
from functape.functional._wrap import wrap

__all__ = ["export", "from_flax", "functionalize", "load_state", "pytree", "to_flax", "wrap"]
