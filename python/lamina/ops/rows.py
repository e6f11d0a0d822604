"""Operations on whole rows (the last axis): softmax, its losses, argmax."""

from __future__ import annotations

from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.elementwise import divide, exp, greater, multiply, negative, subtract, where
from lamina.ops.reductions import sum
from lamina.ops.rules import like, rank_at_least, same_shape
from lamina.ops.shapes import expand_dims


@operation
def softmax(x):
    """exp(x - max) / sum over the last axis; rows add up to 1."""
    rank_at_least("softmax", x, 1)
    return like(x)


@softmax.gradient
def _(node, dy):
    return (softmax_gradient(dy, node.output),)


@operation
def softmax_gradient(dy, y):
    """y * (dy - sum(dy * y)) over the last axis, for y = softmax(x)."""
    same_shape("softmax_gradient", dy, y)
    return like(y)


@softmax_gradient.gradient
def _(node, ddx):
    dy, y = node.inputs
    slopes = subtract(multiply(ddx, subtract(dy, _row_sum(dy, y))), multiply(dy, _row_sum(ddx, y)))
    return softmax_gradient(ddx, y), slopes


def _row_sum(a, b):
    return sum(multiply(a, b), axis=-1, keepdims=True)


@operation
def log_softmax(x):
    """x - max - log(sum(exp(x - max))) over the last axis."""
    rank_at_least("log_softmax", x, 1)
    return like(x)


@log_softmax.gradient
def _(node, dy):
    return (subtract(dy, multiply(exp(node.output), sum(dy, axis=-1, keepdims=True))),)


@operation
def sparsemax(x):
    """max(x - t, 0) over the last axis, with t such that rows add up to 1 (Martins, 2016)."""
    rank_at_least("sparsemax", x, 1)
    return like(x)


@sparsemax.gradient
def _(node, dy):
    kept = where(greater(node.output, 0.0), 1.0, 0.0)
    mean = divide(_row_sum(dy, kept), sum(kept, axis=-1, keepdims=True))
    return (multiply(kept, subtract(dy, mean)),)


@operation
def softmax_cross_entropy(logits, target):
    """-sum(target * log_softmax(logits)) over the last axis, and softmax(logits) beside it."""
    rank_at_least("softmax_cross_entropy", logits, 1)
    same_shape("softmax_cross_entropy", logits, target, "logits and target")
    return Spec(logits.dims[:-1], like(logits).dtype), like(logits)


@softmax_cross_entropy.gradient
def _(node, dy):
    logits, target = node.inputs
    dloss, dprobabilities = dy
    parts = []
    if dloss is not None:
        parts.append(softmax_cross_entropy_gradient(dloss, node.outputs[1], target))
    if dprobabilities is not None:
        parts.append(softmax_gradient(dprobabilities, node.outputs[1]))
    dlogits = parts[0] if len(parts) == 1 else parts[0] + parts[1]
    if dloss is None:
        return dlogits, None
    return dlogits, negative(multiply(expand_dims(dloss, -1), log_softmax(logits)))


@operation
def softmax_cross_entropy_gradient(dloss, probabilities, target):
    """dloss * (probabilities * sum(target) - target): p - y for targets that add up to 1."""
    same_shape("softmax_cross_entropy_gradient", probabilities, target)
    return like(probabilities)


@softmax_cross_entropy_gradient.gradient
def _(node, ddx):
    dloss, p, target = node.inputs
    scaled = multiply(ddx, expand_dims(dloss, -1))
    total = sum(target, axis=-1, keepdims=True)
    ddloss = sum(multiply(ddx, subtract(multiply(p, total), target)), axis=-1)
    return ddloss, multiply(scaled, total), subtract(_row_sum(scaled, p), scaled)


@operation
def argmax(x):
    """The first index of the largest value along the last axis, int32.  No gradient."""
    rank_at_least("argmax", x, 1)
    if x.dims[-1] == 0:
        raise ValueError(f"argmax: there is none of no numbers. Received: shape={x.shape}")
    return Spec(x.dims[:-1], "int32")


@operation
def categorical_accuracy(target, prediction):
    """1.0 where both have their largest value in the same place, else 0.0.  No gradient."""
    rank_at_least("categorical_accuracy", target, 1)
    same_shape("categorical_accuracy", target, prediction, "target and prediction")
    return Spec(target.dims[:-1])


@operation
def one_hot(x, *, num_classes: int):
    """A last axis of `num_classes`: 1.0 in column x, else 0.0 (all 0.0 outside).  No gradient."""
    return Spec((*x.dims, num_classes))
