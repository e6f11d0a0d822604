"""The operations: what layers, losses, metrics and users' own code are written in.

On symbolic tensors they record a graph (which knows their gradients), on arrays they compute.
"""

from lamina.ops.composite import clip, norm, ones_like, stop_gradient, zeros_like
from lamina.ops.elementwise import (
    abs, add, divide, equal, erf, exp, floor, floor_divide, greater, greater_equal, isfinite,
    isnan, less, less_equal, log, log1p, logical_and, logical_not, logical_or, maximum, minimum,
    mod, multiply, negative, not_equal, power, reciprocal, relu, relu_gradient, rsqrt, sigmoid,
    sigmoid_gradient, sign, softplus, sqrt, square, subtract, tanh, tanh_gradient, where,
)  # fmt: skip
from lamina.ops.linalg import matmul
from lamina.ops.reductions import count, max, mean, min, sum
from lamina.ops.rows import (
    categorical_accuracy, one_hot, softmax_cross_entropy, softmax_cross_entropy_gradient,
    softmax_gradient,
)  # fmt: skip
from lamina.ops.composite import argmax, log_softmax, softmax
from lamina.ops.shapes import broadcast_to, expand_dims, reshape, squeeze, transpose
from lamina.ops.state import advance, counter, dropout, increment, rmsprop
