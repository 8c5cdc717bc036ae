"""`tf.keras.optimizers.Optax`: any optax transformation as an optimizer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import optax

from functape._core._variable import Variable
from functape._engine._ended import end_step
from functape._engine._recorder import local, record_multiple
from functape.keras.optimizers._optax_state import OPTAX_UPDATE, OptaxState, OptaxUpdate, OptaxVariable
from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._pairs import once_each, split_pairs, without_none
from functape.keras.optimizers._plan import Plan
from functape.keras.optimizers._weights import VariableList, set_values


class Optax(Optimizer):
    """An optax transformation as an optimizer (`tf.keras.optimizers.Optax`).

    The transformation sees the variables of the first step, or of `build`, as a list in their order, so that a mask for
    `optax.masked` is a list too; functions of the tree work as they are. A variable without a gradient counts as one
    with a gradient of zero, and keeps its value.

    **Arguments:**
    - `transformation`: what `optax.adam` and the like return; `optax.chain`, `optax.masked`, `optax.MultiSteps`, ...
    - `name`: the prefix of the names of its variables.
    - `by_name`: whether the transformation sees a dict by the variables' names instead of a list.

    The learning rate is the transformation's own. `optimizer.learning_rate` reads and sets it if it was made by
    `optax.inject_hyperparams`; `optimizer.hyperparams` has all that was injected.

    **Raises:** `TypeError` for what has no `init` and `update`.

    ```python
    >>> import functape as tf
    >>> import optax
    >>> w = tf.Variable([1.0, -2.0])
    >>> optimizer = tf.keras.optimizers.Optax(optax.lion(0.5, weight_decay=0.0))
    >>> _ = optimizer.minimize(lambda: tf.reduce_sum(w**2), [w])
    >>> print(w.numpy())
    [ 0.5 -1.5]

    ```
    """

    def __init__(self, transformation: Any, name: str | None = None, by_name: bool = False) -> None:
        if hasattr(transformation, "gradient_transformation"):
            transformation = transformation.gradient_transformation()
        if not (callable(getattr(transformation, "init", None)) and callable(getattr(transformation, "update", None))):
            raise TypeError(
                "`transformation` must be an optax transformation, such as optax.adam(1e-3): something with `init` and "
                f"`update`. Received: {transformation!r}"
            )
        super().__init__(None, name=name)
        self.transformation = transformation
        self.by_name = by_name

    def _begin(self) -> None:
        super()._begin()
        self._tree: OptaxState | None = None
        self._tree_variables: list[OptaxVariable] = []
        self._updates: dict[tuple[tuple[int, ...], tuple[str, ...]], OptaxUpdate] = {}

    def apply_gradients(  # type: ignore[override]
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
        experimental_aggregate_gradients: bool = True,
        **extra: Any,
    ) -> Variable:
        """Take one step.

        **Arguments:**
        - `grads_and_vars`, `name` and others: as for `Optimizer.apply_gradients`.
        - `extra`: numbers and tensors that the transformation's `update` takes, such as `value=loss`.

        **Raises:** `ValueError` for a variable that the optimizer was not built with; otherwise as
        `Optimizer.apply_gradients`.
        """
        pairs = list(grads_and_vars)
        del grads_and_vars
        if not pairs:
            return self._iterations
        gradients, variables = split_pairs(pairs)
        del pairs
        if name is not None and self._tree is None:
            self._scope = name
        self.build(variables)
        gradients, variables = without_none(gradients, variables)
        again = once_each(gradients, variables)
        self._step(variables, gradients, extra)
        del gradients, extra
        self._iterations.add(1)
        end_step(lambda: self._iterations.add(-1))
        if again:
            self._iterations.add(-1)
            return self.apply_gradients(again, name)
        return self._applied

    def _step(self, variables: list[Variable], gradients: list[Any], extra: dict[str, Any]) -> None:
        tree = self._tree
        assert tree is not None
        present = tuple(self._place(variable) for variable in variables)
        names = tuple(sorted(extra))
        update = self._updates.get((present, names))
        if update is None:
            update = self._updates[present, names] = OptaxUpdate(tree, present, names)
        values = [variable.tensor for variable in tree.variables]
        arguments = (tree.tensor, *(extra[each] for each in names), *values, *gradients)
        *new, state = record_multiple(OPTAX_UPDATE, (update,), arguments)
        del arguments, values
        plan = Plan(variables, update, ())  # type: ignore[arg-type]
        if local.recorder.tracing:
            tree.receive(state)
            (plan.adopt or plan._adopt)(new)
            return
        state.variable = tree.weak
        tree.tensor = state
        if plan.adopt is not None:
            plan.adopt(new)
            return
        for variable, weak, tensor in zip(plan.variables, plan.weak, new, strict=True):
            tensor.variable = weak
            variable.tensor = tensor
        local.recorder.assigned = True

    def _place(self, variable: Variable) -> int:
        assert self._tree is not None
        place = self._tree.place(variable)
        if place is None:
            raise ValueError(
                f"Unknown variable: {variable.name}. An optax transformation keeps one state for all variables: call "
                "`optimizer.build(variables)` with all of them before the first step. Received before: "
                f"{[each.name for each in self._tree.variables]}"
            )
        return place

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Take one step, with gradients and variables in two lists; as `Optimizer.apply`."""
        if trainable_variables is None and self._tree is None:
            raise ValueError("`apply(grads)` without variables needs `optimizer.build(trainable_variables)` before it.")
        known = self._tree.variables if self._tree is not None else []
        variables = known if trainable_variables is None else trainable_variables
        Optax.apply_gradients(self, zip(grads, variables, strict=True))

    def build(self, var_list: Iterable[Variable]) -> None:
        """Make the state for variables; only once, and `apply_gradients` does so by itself."""
        if self._tree is None:
            variables = list({id(each): each for each in var_list}.values())
            transformation = optax.with_extra_args_support(self.transformation)
            self._tree = OptaxState(transformation, variables, self.by_name)
            self._tree_variables = [
                OptaxVariable(self._tree, place, f"{self._scope}/{path}") for place, path in enumerate(self._tree.paths)
            ]
            if self._waiting is not None:
                waiting, self._waiting = self._waiting, None
                set_values(self.name, self._tree_variables, waiting)

    @property
    def built(self) -> bool:
        """Whether there is state."""
        return self._tree is not None

    @built.setter
    def built(self, value: bool) -> None:
        self._built = value

    def _known_variables(self) -> list[Variable] | None:
        return None if self._tree is None else self._tree.variables

    @property
    def variables(self) -> VariableList:
        """The iteration count and the leaves of the transformation's state."""
        return VariableList([self._iterations, *self._tree_variables])

    @property
    def hyperparams(self) -> dict[str, OptaxVariable]:
        """What `optax.inject_hyperparams` put into the state, by name; empty before the first step."""
        return {
            name: each
            for each in self._tree_variables
            for holder, _, name in [each._name.rpartition("/")]
            if holder.endswith("hyperparams")
        }

    @property
    def learning_rate(self) -> Any:
        """The injected learning rate, a variable that may be assigned."""
        rate = self.hyperparams.get("learning_rate")
        if rate is None:
            raise AttributeError(
                "The learning rate is inside the optax transformation. To see and set it, make the transformation with "
                "optax.inject_hyperparams, as in Optax(optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)), and "
                "build the optimizer."
            )
        return rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.learning_rate.assign(value)

    lr = learning_rate

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one. The transformation is itself among them, so that they
        cannot be stored as JSON.
        """
        return {"name": self.name, "transformation": self.transformation, "by_name": self.by_name}
