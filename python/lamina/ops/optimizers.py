"""One step of an optimizer for one weight, as a single operation.  None has a gradient."""

from __future__ import annotations

from typing import Any

from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.rules import same_shape


def _new_state(name: str, w: Any, g: Any, slots: Any) -> tuple[Spec, ...]:
    """w and the slots after the step."""
    same_shape(name, w, g, "w and g")
    for slot in slots:
        same_shape(name, w, slot, "w and its slots")
    return tuple(Spec(w.dims, w.dtype) for _ in range(1 + len(slots)))


@operation
def sgd(w, g, learning_rate, *slots, momentum, nesterov):
    """One step of gradient descent: the new w, and the slot m where momentum is not 0.

    m = momentum m - learning_rate g;  w += m, or with nesterov w += momentum m - learning_rate g.
    """
    return _new_state("sgd", w, g, slots)


@operation
def adam(w, g, rate, m, v, *slots, beta_1, beta_2, epsilon, amsgrad):
    """One step of Adam: the new w, m, v, and the slot v_hat where amsgrad is true.

    m += (1 - beta_1) (g - m);  v += (1 - beta_2) (g^2 - v);  v_hat = max(v_hat, v);
    w -= rate m / (sqrt(v) + epsilon), v_hat in the place of v where it is kept.  `rate` is the
    learning rate with both bias corrections.
    """
    return _new_state("adam", w, g, (m, v, *slots))


@operation
def rmsprop(w, g, learning_rate, v, *slots, rho, epsilon, momentum, centered):
    """One step of RMSprop: the new w, v, and the slots (momentum, mean gradient) in use.

    v = rho v + (1 - rho) g^2;  step = learning_rate g / sqrt(v + epsilon), with mean^2 taken off v
    when centered.  Keras 3's formula: epsilon is inside the root.
    """
    return _new_state("rmsprop", w, g, (v, *slots))
