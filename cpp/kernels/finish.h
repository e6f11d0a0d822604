// What follows a matrix product, while its result is in cache.

template <typename Activate>
void finish_rows(const kernel::Matmul& part, std::size_t row, std::size_t rows, Activate activate) {
    const float *const bias = part.bias, *const gate = part.gate;
    const Vec scale = broadcast(part.gate_scale);
    const auto step = [=](float* c, std::size_t at, std::size_t j, std::size_t count) {
        Vec v = load(c + j, count);
        if (bias) v += load(bias + j, count);
        v = activate(v);
        if (gate) v = select(load(gate + at + j, count) > 0.0f, v * scale, Vec{});
        store(c + j, v, count);
    };
    for (std::size_t i = row; i < row + rows; ++i) {
        const std::size_t at = i * part.c_step;
        std::size_t j = 0;
        for (; j + width <= part.columns; j += width) step(part.c + at, at, j, width);
        if (j < part.columns) step(part.c + at, at, j, part.columns - j);
    }
}

// Apart: these would cost the products that end in none of them registers and stack.
[[gnu::noinline]] inline void finish_with_exponentials(const kernel::Matmul& part, std::size_t row,
                                                       std::size_t rows) {
    const Vec parameter = broadcast(part.parameter);
    switch (part.activation) {
        case kernel::Activation::sigmoid:
            return finish_rows(part, row, rows, [](Vec v) { return sigmoid(v); });
        case kernel::Activation::tanh:
            return finish_rows(part, row, rows, [](Vec v) { return tanh(v); });
        case kernel::Activation::elu:
            return finish_rows(part, row, rows, [=](Vec v) { return elu(v, parameter); });
        case kernel::Activation::gelu:
            return finish_rows(part, row, rows, [](Vec v) { return gelu(v); });
        case kernel::Activation::gelu_tanh:
            return finish_rows(part, row, rows, [](Vec v) { return gelu_tanh(v); });
        case kernel::Activation::leaky_relu:
            return finish_rows(part, row, rows, [=](Vec v) { return leaky_relu(v, parameter); });
        case kernel::Activation::selu:
            return finish_rows(part, row, rows, [](Vec v) { return selu(v); });
        case kernel::Activation::silu:
            return finish_rows(part, row, rows, [](Vec v) { return silu(v); });
        default:
            return;
    }
}

inline void finish(const kernel::Matmul& part, std::size_t row, std::size_t rows) {
    if (part.activation == kernel::Activation::linear) {
        if (part.bias || part.gate) finish_rows(part, row, rows, [](Vec v) { return v; });
    } else if (part.activation == kernel::Activation::relu) {
        finish_rows(part, row, rows, [](Vec v) { return relu(v); });
    } else {
        finish_with_exponentials(part, row, rows);
    }
}
