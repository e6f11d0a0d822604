"""Every kind of model: sequential, functional, nested, of own classes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from kinds_of_models import KINDS

from golden.cases import functional

from .case import FileCase, Keras, X, Y, compiled, normal


def _functional(k: Keras, make: Callable[[Keras], Any]) -> Any:
    model = make(k)
    return model, functional.data_for(model, 8), None


def _kind(k: Keras, name: str) -> Any:
    model = KINDS[name](k)
    if not model.built:
        model(X)
    return compiled(model, X, normal(24, 3), metrics=["mae"])


def _custom(k: Keras) -> Any:
    """Everything that users write: a layer without get_config, a loss, a metric, an initializer,
    a regularizer, a constraint, an activation, a schedule."""
    register = k.saving.register_keras_serializable("tests")

    @register
    class Scale(k.layers.Layer):
        def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")

        def call(self, inputs: Any) -> Any:
            return inputs * self.scale * self.factor

    @register
    def bent(x: Any) -> Any:
        return k.ops.sqrt(1.0 + k.ops.square(x)) - 1.0

    @register
    def own_loss(y_true: Any, y_pred: Any) -> Any:
        return k.ops.mean(k.ops.square(y_true - y_pred), axis=-1)

    @register
    class Weighed(k.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return own_loss(y_true, y_pred) * 0.5

    @register
    class Halves(k.initializers.Initializer):
        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return k.ops.ones(shape, dtype or "float32") * 0.5

        def get_config(self) -> dict[str, Any]:
            return {}

    @register
    class Small(k.regularizers.Regularizer):
        def __call__(self, x: Any) -> Any:
            return 0.01 * k.ops.sum(k.ops.square(x))

        def get_config(self) -> dict[str, Any]:
            return {}

    @register
    class Clipped(k.constraints.Constraint):
        def __call__(self, w: Any) -> Any:
            return k.ops.clip(w, -1.0, 1.0)

        def get_config(self) -> dict[str, Any]:
            return {}

    @register
    class Slower(k.optimizers.schedules.LearningRateSchedule):
        def __init__(self, start: float) -> None:
            self.start = start

        def __call__(self, step: Any) -> Any:
            return self.start / (1.0 + 0.1 * k.ops.cast(step, "float32"))

        def get_config(self) -> dict[str, Any]:
            return {"start": self.start}

    model = k.Sequential(
        [
            k.layers.Input((4,)),
            Scale(1.5),
            k.layers.Lambda(bent),
            k.layers.Dense(
                3, bent, kernel_initializer=Halves(), kernel_regularizer=Small(),
                kernel_constraint=Clipped(),
            ),
            k.layers.Dense(2),
        ]
    )  # fmt: skip
    return compiled(
        model, loss=Weighed(), optimizer=k.optimizers.Adam(Slower(0.01)), metrics=[own_loss]
    )


def _blocks(k: Keras) -> Any:
    """Layers as attributes, in a list and in a dict, and a weight of the model's own."""

    @k.saving.register_keras_serializable("tests")
    class Blocks(k.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.first = k.layers.Dense(4, "relu")
            self.blocks = [k.layers.Dense(4, "tanh"), k.layers.LayerNormalization()]
            self.heads = {"z": k.layers.Dense(4), "a": k.layers.Dense(2)}
            self.scale = self.add_weight((1,), "ones", name="scale")

        def call(self, inputs: Any) -> Any:
            x = self.first(inputs) * self.scale
            for layer in self.blocks:
                x = layer(x)
            return self.heads["a"](self.heads["z"](x))

    model = Blocks()
    model(X)
    return compiled(model)


def _wide(k: Keras) -> Any:
    """float64 layers behind an input of float64, and a float32 one."""
    layers = k.layers
    model = k.Sequential(
        [
            layers.Input((4,), dtype="float64"),
            layers.Dense(3, "tanh", dtype="float64"),
            layers.BatchNormalization(dtype=k.DTypePolicy("float64")),
            layers.Dense(2),
        ]
    )
    return compiled(model)


def _subclassed_sequential(k: Keras) -> Any:
    @k.saving.register_keras_serializable("tests")
    class Stack(k.Sequential):
        pass

    layers = [k.layers.Input((4,)), k.layers.Dense(3, "relu"), k.layers.Dense(2)]
    return compiled(Stack(layers))


def _subclassed_functional(k: Keras) -> Any:
    """A class whose constructor makes inputs and outputs, keeps one layer, and has another beside."""

    @k.saving.register_keras_serializable("tests")
    class Net(k.Model):
        def __init__(self, units: int = 3, **kwargs: Any) -> None:
            entry = k.Input((4,))
            hidden = k.layers.Dense(units, "relu")
            super().__init__(entry, k.layers.Dense(2)(hidden(entry)), **kwargs)
            self.units = units
            self.again = hidden
            self.beside = k.layers.Dense(2)
            self.beside.build((None, 3))
            self.beside.trainable = False

        def get_config(self) -> dict[str, Any]:
            return {"units": self.units, "name": self.name}

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Any:
            return cls(**config)

    return compiled(Net(5, name="net"))


def _two_inputs(k: Keras) -> Any:
    """A class called on a dict of inputs, giving a dict of outputs."""

    @k.saving.register_keras_serializable("tests")
    class Two(k.Model):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.left, self.right = k.layers.Dense(2), k.layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            a, b = self.left(inputs["a"]), self.right(inputs["b"])
            return {"sum": a + b, "product": a * b}

    model, x = Two(), {"a": X, "b": normal(24, 3, seed=6)}
    model(x)
    return compiled(model, x, {"sum": Y, "product": Y}, loss={"sum": "mse", "product": "mae"})


def _frozen_inside(k: Keras) -> Any:
    """Transfer: a frozen model of layers in a new model."""
    base = k.Sequential(
        [k.layers.Input((4,)), k.layers.Dense(3, "relu"), k.layers.BatchNormalization()]
    )
    base.trainable = False
    model = k.Sequential([k.layers.Input((4,)), base, k.layers.Dense(2)])
    return compiled(model)


def _many(k: Keras) -> Any:
    """More than ten layers of one class: layers/dense_10 comes after layers/dense_2."""
    layers = [k.layers.Dense(i % 3 + 2, "tanh") for i in range(13)]
    return compiled(k.Sequential([k.layers.Input((4,)), *layers, k.layers.Dense(2)]))


CASES: dict[str, FileCase] = {
    **{
        f"functional/{name}": FileCase(
            functools.partial(_functional, make=make),
            random=name in ("chain", "call_arguments"),
            on_torch=name != "more_functions",  # which fails to average by weights of NumPy
        )
        for name, make in functional.MODELS.items()
    },
    **{
        f"model/{name}": FileCase(
            functools.partial(_kind, name=name), random=name in ("sequential", "functional")
        )
        for name in KINDS
    },
    "model/blocks": FileCase(_blocks),
    "model/custom": FileCase(_custom),
    "model/float64": FileCase(_wide, tensorflow=True),
    "model/subclassed_sequential": FileCase(_subclassed_sequential),
    "model/subclassed_functional": FileCase(_subclassed_functional),
    "model/two_inputs": FileCase(_two_inputs),
    "model/frozen_inside": FileCase(_frozen_inside),
    "model/many": FileCase(_many),
}
