// Operations on the rows of a matrix: softmax, the loss made of it, the place of the largest.

// y = exp(x - largest) of one row; returns the sum of y.
inline float exp_shifted(float* y, const float* x, std::size_t n, float largest) {
    return sum_values(n, [=](std::size_t i, std::size_t count) {
        const Vec e = exp(load(x + i, count) - largest);
        store(y + i, e, count);
        return e;
    });
}

inline void divide_row(float* y, std::size_t n, float divisor) {
    map(y, y, n, [=](Vec v) { return v / divisor; });
}

// Only log of one number is needed.
inline float log_of(float x) { return log(broadcast(x))[0]; }

inline void softmax(float* y, const float* x, std::size_t rows, std::size_t columns) {
    if (columns <= lanes) return softmax_short(y, x, rows, columns);
    for (std::size_t i = 0; i < rows; ++i, x += columns, y += columns)
        divide_row(y, columns, exp_shifted(y, x, columns, max_row(x, columns)));
}

inline void log_softmax(float* y, const float* x, std::size_t rows, std::size_t columns) {
    if (columns <= lanes) return log_softmax_short(y, x, rows, columns);
    for (std::size_t i = 0; i < rows; ++i, x += columns, y += columns) {
        const float largest = max_row(x, columns);
        const float log_sum = log_of(exp_shifted(y, x, columns, largest));
        map(y, x, columns, [=](Vec v) { return (v - largest) - log_sum; });
    }
}

inline void softmax_gradient(float* dx, const float* dy, const float* y, std::size_t rows,
                             std::size_t columns) {
    if (columns <= lanes) return softmax_gradient_short(dx, dy, y, rows, columns);
    for (std::size_t i = 0; i < rows; ++i, dx += columns, dy += columns, y += columns) {
        const float dot = sum_values(columns, [=](std::size_t j, std::size_t count) {
            return load(dy + j, count) * load(y + j, count);
        });
        map_operands(
            dx, columns, [=](Vec d, Vec v) { return v * (d - dot); }, Operand(dy, 1, columns),
            Operand(y, 1, columns));
    }
}

inline void softmax_cross_entropy(float* loss, float* probabilities, const float* logits,
                                  const float* target, std::size_t rows, std::size_t columns) {
    if (columns <= lanes)
        return softmax_cross_entropy_short(loss, probabilities, logits, target, rows, columns);
    for (std::size_t i = 0; i < rows; ++i) {
        const float largest = max_row(logits, columns);
        const float sum = exp_shifted(probabilities, logits, columns, largest);
        const float log_sum = log_of(sum);
        loss[i] = sum_values(columns, [=](std::size_t j, std::size_t count) {
            return load(target + j, count) * (log_sum - (load(logits + j, count) - largest));
        });
        divide_row(probabilities, columns, sum);
        probabilities += columns;
        logits += columns;
        target += columns;
    }
}

inline void softmax_cross_entropy_gradient(float* dlogits, const float* dloss,
                                           const float* probabilities, const float* target,
                                           std::size_t rows, std::size_t columns) {
    if (columns <= lanes)
        return softmax_cross_entropy_gradient_short(dlogits, dloss, probabilities, target, rows,
                                                    columns);
    for (std::size_t i = 0; i < rows; ++i) {
        const float sum = sum_values(
            columns, [=](std::size_t j, std::size_t count) { return load(target + j, count); });
        map_operands(
            dlogits, columns, [=](Vec p, Vec t) { return dloss[i] * (p * sum - t); },
            Operand(probabilities, 1, columns), Operand(target, 1, columns));
        dlogits += columns;
        probabilities += columns;
        target += columns;
    }
}

// y: the first index of the row's largest value (of a NaN, if there is one).
inline void argmax(float* y, const float* x, std::size_t rows, std::size_t columns) {
    if (columns <= lanes) return argmax_short(y, x, rows, columns);
    for (std::size_t i = 0; i < rows; ++i, x += columns) {
        const float largest = max_row(x, columns);
        std::size_t j = 0;
        for (; j + width <= columns; j += width) {
            const Vec v = load(x + j);
            if (!all((v != largest) & (v == v))) break;
        }
        while (x[j] != largest && x[j] == x[j]) ++j;
        y[i] = static_cast<float>(j);
    }
}

// y (rows, columns): 1 in the column that equals x[row], else 0.
inline void one_hot(float* y, const float* x, std::size_t rows, std::size_t columns) {
    for (std::size_t i = 0; i < rows; ++i, y += columns) {
        __builtin_memset(y, 0, columns * sizeof(float));
        if (!(x[i] >= 0.0f && x[i] < static_cast<float>(columns))) continue;
        const auto column = static_cast<std::size_t>(x[i]);
        if (static_cast<float>(column) == x[i]) y[column] = 1.0f;
    }
}
