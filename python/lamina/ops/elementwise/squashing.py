"""The activations that most networks have; each gradient of the result is an operation of its own."""

from __future__ import annotations

from lamina.graph.operation import operation
from lamina.graph.tensor import Spec
from lamina.ops.elementwise.arithmetic import multiply, subtract
from lamina.ops.rules import like, number_dtype, same_shape


@operation
def relu(x):
    """0 where x < 0, else x (a NaN stays)."""
    return Spec(x.dims, number_dtype(x))


@relu.gradient
def _(node, dy):
    return (relu_gradient(dy, node.output),)


@operation
def relu_gradient(dy, y):
    """dy where y > 0, else 0, for y = relu(x)."""
    same_shape("relu_gradient", dy, y)
    return like(y)


@relu_gradient.gradient
def _(node, dy):
    return relu_gradient(dy, node.inputs[1]), None


@operation
def sigmoid(x):
    """1 / (1 + exp(-x))."""
    return like(x)


@sigmoid.gradient
def _(node, dy):
    return (sigmoid_gradient(dy, node.output),)


@operation
def sigmoid_gradient(dy, y):
    """dy * y * (1 - y), for y = sigmoid(x)."""
    same_shape("sigmoid_gradient", dy, y)
    return like(y)


@sigmoid_gradient.gradient
def _(node, dy):
    upstream, y = node.inputs
    slope = multiply(upstream, subtract(1.0, multiply(2.0, y)))
    return sigmoid_gradient(dy, y), multiply(dy, slope)


@operation
def tanh(x):
    """The hyperbolic tangent."""
    return like(x)


@tanh.gradient
def _(node, dy):
    return (tanh_gradient(dy, node.output),)


@operation
def tanh_gradient(dy, y):
    """dy * (1 - y * y), for y = tanh(x)."""
    same_shape("tanh_gradient", dy, y)
    return like(y)


@tanh_gradient.gradient
def _(node, dy):
    upstream, y = node.inputs
    return tanh_gradient(dy, y), multiply(dy, multiply(upstream, multiply(-2.0, y)))


@operation
def softplus(x):
    """log(1 + exp(x)), without overflow."""
    return like(x)


@softplus.gradient
def _(node, dy):
    return (multiply(dy, sigmoid(node.inputs[0])),)
