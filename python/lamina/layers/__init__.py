"""Layers: what a model is a stack of."""

from lamina.layers.dense import Dense
from lamina.layers.dropout import Dropout
from lamina.layers.input_layer import Input, InputLayer
from lamina.layers.layer import Layer
from lamina.layers.shaping import Activation, Flatten, Rescaling

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "InputLayer", "Layer", "Rescaling"]
