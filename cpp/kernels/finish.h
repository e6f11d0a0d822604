// What follows a matrix product, while its result is in cache.

template <typename Activate>
void finish_with(const kernel::Finish& f, Activate activate) {
    const Vec scale = broadcast(f.gate_scale);
    const auto step = [&](std::size_t i, std::size_t j, std::size_t count) {
        float* const y = f.y + i * f.step + j;
        Vec v = load(y, count);
        if (f.bias) v += load(f.bias + j, count);
        v = activate(v);
        if (f.gate) v = select(load(f.gate + i * f.step + j, count) > 0.0f, v * scale, Vec{});
        store(y, v, count);
    };
    for (std::size_t i = 0; i < f.rows; ++i) {
        std::size_t j = 0;
        for (; j + width <= f.columns; j += width) step(i, j, width);
        if (j < f.columns) step(i, j, f.columns - j);
    }
}

inline void finish(const kernel::Finish& f) {
    switch (f.activation) {
        case kernel::Activation::linear:
            return finish_with(f, [](Vec v) { return v; });
        case kernel::Activation::relu:
            return finish_with(f, [](Vec v) { return relu(v); });
        case kernel::Activation::sigmoid:
            return finish_with(f, [](Vec v) { return sigmoid(v); });
        case kernel::Activation::tanh:
            return finish_with(f, [](Vec v) { return tanh(v); });
    }
}
