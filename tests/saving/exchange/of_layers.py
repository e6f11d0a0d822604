"""Every layer in a model, with options; activations, initializers, regularizers, constraints."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from golden.cases import einsum_dense, merging

from .case import FileCase, Keras, X, compiled, normal

Make = Callable[[Keras], Any]
CUBE = normal(24, 4, 3)
IDS = np.random.default_rng(3).integers(0, 6, (24, 3)).astype("int32")


def _adapted(layer: Any, data: Any) -> Any:
    layer.adapt(data)
    return layer


# By name: the layer, and the rows it is given.
LAYERS: dict[str, tuple[Make, np.ndarray]] = {
    "dense": (lambda k: k.layers.Dense(3, "relu"), X),
    "dense_without_bias": (lambda k: k.layers.Dense(3, "gelu", use_bias=False), CUBE),
    "dense_frozen": (lambda k: k.layers.Dense(3, trainable=False), X),
    "dense_penalized": (
        lambda k: k.layers.Dense(
            3,
            kernel_regularizer=k.regularizers.L1L2(0.01, 0.02),
            bias_regularizer="l2",
            activity_regularizer=k.regularizers.L1(0.01),
            kernel_constraint=k.constraints.MaxNorm(1.5),
            bias_constraint="non_neg",
            kernel_initializer=k.initializers.HeNormal(seed=3),
            bias_initializer=k.initializers.Constant(0.1),
        ),
        X,
    ),
    "embedding": (lambda k: k.layers.Embedding(6, 2), IDS),
    "embedding_masked": (
        lambda k: k.layers.Embedding(6, 2, mask_zero=True, embeddings_regularizer="l2"), IDS,
    ),
    "batch_normalization": (lambda k: k.layers.BatchNormalization(momentum=0.9, epsilon=0.01), X),
    "batch_normalization_middle": (
        lambda k: k.layers.BatchNormalization(axis=1, center=False, gamma_initializer="ones"), CUBE,
    ),
    "batch_normalization_bare": (
        lambda k: k.layers.BatchNormalization(scale=False, center=False), X,
    ),
    "layer_normalization": (lambda k: k.layers.LayerNormalization(), X),
    "layer_normalization_axes": (
        lambda k: k.layers.LayerNormalization(axis=[1, 2], scale=False), CUBE,
    ),
    "group_normalization": (lambda k: k.layers.GroupNormalization(2), X),
    "group_normalization_bare": (
        lambda k: k.layers.GroupNormalization(-1, axis=1, center=False), CUBE,
    ),
    "rms_normalization": (lambda k: k.layers.RMSNormalization(axis=-1), X),
    "unit_normalization": (lambda k: k.layers.UnitNormalization(axis=1), CUBE),
    "spectral_normalization": (
        lambda k: k.layers.SpectralNormalization(k.layers.Dense(3, "tanh"), power_iterations=2), X,
    ),
    "pipeline": (
        lambda k: k.layers.Pipeline(
            [k.layers.Dense(3, "tanh"), k.layers.BatchNormalization(), k.layers.Rescaling(2.0)]
        ), CUBE,
    ),
    "pipeline_nested": (
        lambda k: k.layers.Pipeline([k.layers.Pipeline([k.layers.Dense(3)]), k.layers.Dense(2)]), X,
    ),
    "reversible_embedding": (lambda k: k.layers.ReversibleEmbedding(6, 3, logit_soft_cap=2.0), IDS),
    "prelu": (lambda k: k.layers.PReLU(), CUBE),
    "prelu_shared": (
        lambda k: k.layers.PReLU("ones", shared_axes=[1], alpha_constraint="non_neg"), CUBE,
    ),
    "relu": (lambda k: k.layers.ReLU(1.5, 0.1, 0.2), X),
    "leaky_relu": (lambda k: k.layers.LeakyReLU(0.2), X),
    "elu": (lambda k: k.layers.ELU(0.5), X),
    "softmax": (lambda k: k.layers.Softmax(axis=1), CUBE),
    "activation": (lambda k: k.layers.Activation("silu"), X),
    "activity_regularization": (lambda k: k.layers.ActivityRegularization(0.01, 0.02), X),
    "identity": (lambda k: k.layers.Identity(), X),
    "masking": (lambda k: k.layers.Masking(0.5), CUBE),
    "flatten": (lambda k: k.layers.Flatten(), CUBE),
    "permute": (lambda k: k.layers.Permute((2, 1)), CUBE),
    "reshape": (lambda k: k.layers.Reshape((-1, 2)), CUBE),
    "repeat_vector": (lambda k: k.layers.RepeatVector(2), X),
    "upsampling": (lambda k: k.layers.UpSampling1D(2), CUBE),
    "cropping": (lambda k: k.layers.Cropping1D((1, 2)), CUBE),
    "zero_padding": (lambda k: k.layers.ZeroPadding1D((0, 2)), CUBE),
    "rescaling": (lambda k: k.layers.Rescaling(0.5, offset=-1.0), X),
    "rescaling_channels": (
        lambda k: k.layers.Rescaling(np.array([0.5, 1.0, 2.0, 3.0]), [1.0, 0.0, 2.0, 3.0]), X,
    ),
    "dense_of_a_stream": (
        lambda k: k.layers.Dense(3, kernel_initializer=k.initializers.HeNormal(
            k.random.SeedGenerator(4))), X,
    ),
    "normalization": (lambda k: _adapted(k.layers.Normalization(), 3 * X + 1), X),
    "normalization_all": (lambda k: _adapted(k.layers.Normalization(axis=None), X), CUBE),
    "normalization_invert": (
        lambda k: _adapted(k.layers.Normalization(axis=1, invert=True), CUBE), CUBE,
    ),
    "normalization_given": (
        lambda k: k.layers.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[2.0] * 4), X,
    ),
    "discretization": (
        lambda k: k.layers.Discretization([-1.0, 0.0, 0.5], output_mode="multi_hot"), X,
    ),
    "category_encoding": (lambda k: k.layers.CategoryEncoding(6, output_mode="count"), IDS),
}  # fmt: skip
RANDOM: dict[str, Make] = {
    "dropout": lambda k: k.layers.Dropout(0.25, noise_shape=(None, 4), seed=3),
    "spatial_dropout": lambda k: k.Sequential(
        [
            k.layers.Reshape((2, 2)),
            k.layers.SpatialDropout1D(0.25, seed=7),
            k.layers.Reshape((1, 2, 2)),
            k.layers.SpatialDropout2D(0.25, "channels_first"),
            k.layers.Reshape((2, 1, 2, 1)),
            k.layers.SpatialDropout3D(0.25, name="three"),
        ]
    ),
    "gaussian_noise": lambda k: k.layers.GaussianNoise(0.5, seed=4),
    "gaussian_dropout": lambda k: k.layers.GaussianDropout(0.25, seed=5),
    "alpha_dropout": lambda k: k.layers.AlphaDropout(0.25, noise_shape=(None, 1), seed=6),
}
SINCE = {
    "pipeline": (3, 8), "pipeline_nested": (3, 8), "reversible_embedding": (3, 15),
    "rms_normalization": (3, 9),
    "alpha_dropout": (3, 1), "normalization_invert": (3, 0),
}  # fmt: skip


def on(k: Keras, make: Make, x: np.ndarray) -> Any:
    """A model with the layer between a dense one (of numbers) and the output."""
    entry = k.Input(x.shape[1:], dtype=str(x.dtype))
    layer = make(k)
    out = k.layers.Dense(2)(k.layers.Flatten()(layer(entry)))
    return compiled(k.Model(entry, out), x, metrics=["mae"])


def _both_ways(k: Keras, **options: Any) -> Any:
    """Numbers to vectors and back by one layer."""
    entry = k.Input((3,), dtype="int32")
    table = k.layers.ReversibleEmbedding(6, 4, **options)
    scores = table(k.layers.Dense(4, "tanh")(table(entry)), reverse=True)
    loss = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    return compiled(k.Model(entry, scores), IDS, IDS, loss=loss)


def _wrapped(k: Keras) -> Any:
    """A user's wrapper, in one of its own kind."""

    @k.saving.register_keras_serializable("tests")
    class Halved(k.layers.Wrapper):
        def call(self, inputs: Any) -> Any:
            return self.layer(inputs) * 0.5

    return on(k, lambda k: Halved(Halved(k.layers.Dense(3, "tanh"), name="inside")), X)


def _einsum(k: Keras, shape: tuple[int, ...], options: dict[str, Any]) -> Any:
    return on(k, lambda k: k.layers.EinsumDense(**options), normal(24, *shape))


def _merging(k: Keras, make: Make, shapes: merging.Shapes) -> Any:
    entry = k.Input((4,))
    branches = [k.layers.Reshape(s)(k.layers.Dense(int(np.prod(s)))(entry)) for s in shapes]
    out = k.layers.Dense(2)(k.layers.Flatten()(make(k)(branches)))
    return compiled(k.Model(entry, out), X)


# --- what layers are made of ----------------------------------------------------------------------

# Not `glu`, whose models Keras gives wrong shapes, and `sparsemax`, which computes something else there.
ACTIVATIONS = (
    "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu",
    "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu",
    "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus",
    "squareplus", "tanh", "tanh_shrink",
)  # fmt: skip
INITIALIZERS: dict[str, Make] = {
    "Zeros": lambda i: i.Zeros(),
    "Ones": lambda i: i.Ones(),
    "Constant": lambda i: i.Constant(0.5),
    "Identity": lambda i: i.Identity(0.5),
    "RandomNormal": lambda i: i.RandomNormal(0.1, 0.2, seed=1),
    "RandomUniform": lambda i: i.RandomUniform(-0.1, 0.2, seed=1),
    "TruncatedNormal": lambda i: i.TruncatedNormal(0.1, 0.2, seed=1),
    "VarianceScaling": lambda i: i.VarianceScaling(2.0, "fan_avg", "uniform", seed=1),
    "GlorotNormal": lambda i: i.GlorotNormal(seed=1),
    "GlorotUniform": lambda i: i.GlorotUniform(),
    "HeNormal": lambda i: i.HeNormal(seed=1),
    "HeUniform": lambda i: i.HeUniform(seed=1),
    "LecunNormal": lambda i: i.LecunNormal(seed=1),
    "LecunUniform": lambda i: i.LecunUniform(seed=1),
    "Orthogonal": lambda i: i.Orthogonal(1.5, seed=1),
}
REGULARIZERS: dict[str, Make] = {
    "L1": lambda r: r.L1(0.01),
    "L2": lambda r: r.L2(0.01),
    "L1L2": lambda r: r.L1L2(0.01, 0.02),
    "OrthogonalRegularizer": lambda r: r.OrthogonalRegularizer(0.01, mode="columns"),
}
CONSTRAINTS: dict[str, Make] = {
    "MaxNorm": lambda c: c.MaxNorm(0.5, axis=1),
    "MinMaxNorm": lambda c: c.MinMaxNorm(0.2, 0.5, rate=0.5),
    "NonNeg": lambda c: c.NonNeg(),
    "UnitNorm": lambda c: c.UnitNorm(axis=[0, 1]),
}


def _chain(k: Keras, argument: str, objects: list[Any], x: np.ndarray = X) -> Any:
    """A dense layer for each object."""
    layers = [k.layers.Dense(4, **{argument: made}) for made in objects]
    return compiled(k.Sequential([k.layers.Input((4,)), *layers, k.layers.Dense(2)]), x)


def _activated(k: Keras, name: str) -> Any:
    layers = [k.layers.Dense(4, name), k.layers.Activation(getattr(k.activations, name))]
    return compiled(k.Sequential([k.layers.Input((4,)), *layers, k.layers.Dense(2)]))


def _family(k: Keras, family: str, argument: str, objects: dict[str, Make]) -> Any:
    return _chain(k, argument, [make(getattr(k, family)) for make in objects.values()])


LATE = ("celu", "hard_shrink", "hard_tanh", "log_sigmoid", "soft_shrink", "sparse_plus",
        "squareplus", "tanh_shrink")  # fmt: skip

CASES: dict[str, FileCase] = {
    **{
        f"layer/{name}": FileCase(
            functools.partial(on, make=make, x=x), since=SINCE.get(name, (3, 0))
        )
        for name, (make, x) in LAYERS.items()
    },
    **{
        f"layer/{name}": FileCase(
            functools.partial(on, make=make, x=X), random=True, since=SINCE.get(name, (3, 0))
        )
        for name, make in RANDOM.items()
    },
    "layer/wrapper": FileCase(_wrapped),
    **{
        f"layer/reversible_embedding_{name}": FileCase(
            functools.partial(_both_ways, **options), since=(3, 15)
        )
        for name, options in {
            "tied": {},
            "untied": {"tie_weights": False, "embeddings_regularizer": "l2"},
        }.items()
    },
    **{
        f"layer/einsum_dense_{name}": FileCase(
            functools.partial(_einsum, shape=shape, options=options)
        )
        for name, (shape, options) in einsum_dense.OPTIONS.items()
    },
    **{
        f"layer/{name}": FileCase(functools.partial(_merging, make=make, shapes=shapes))
        for name, (make, shapes) in merging.LAYERS.items()
    },
    **{
        f"activation/{name}": FileCase(
            functools.partial(_activated, name=name), since=(3, 9) if name in LATE else (3, 0)
        )
        for name in ACTIVATIONS
    },
    **{
        f"{family}/all": FileCase(
            functools.partial(_family, family=family, argument=argument, objects=objects)
        )
        for family, argument, objects in (
            ("initializers", "kernel_initializer", INITIALIZERS),
            ("regularizers", "kernel_regularizer", REGULARIZERS),
            ("constraints", "kernel_constraint", CONSTRAINTS),
        )
    },
}
