// Rows brought to a mean of 0 (where `center`) and a mean square of 1.

inline Vec inverse_root(Vec x) { return 1.0f / sqrt(x); }

inline void standardize_short(float* y, float* scale, const float* x, std::size_t rows,
                              std::size_t columns, float epsilon, bool center) {
    const auto n = static_cast<float>(columns);
    for_short_rows(rows, [=](std::size_t i, std::size_t count) {
        ShortRows r(x + i * columns, count, columns);
        if (center) {
            const Vec mean = sum_short(columns, [&](std::size_t j) { return r.column[j]; }) / n;
            for (std::size_t j = 0; j < columns; ++j) r.column[j] -= mean;
        }
        const Vec squares =
            sum_short(columns, [&](std::size_t j) { return r.column[j] * r.column[j]; });
        const Vec factor = inverse_root(squares / n + epsilon);
        for (std::size_t j = 0; j < columns; ++j) r.column[j] *= factor;
        store(scale + i, factor, count);
        store_rows(y + i * columns, r, count, columns);
    });
}

// y = (x - mean) * scale, scale (rows) = 1 / sqrt(mean((x - mean)^2) + epsilon).
inline void standardize(float* y, float* scale, const float* x, std::size_t rows,
                        std::size_t columns, float epsilon, bool center) {
    if (columns <= lanes) return standardize_short(y, scale, x, rows, columns, epsilon, center);
    const auto n = static_cast<float>(columns);
    for (std::size_t i = 0; i < rows; ++i, x += columns, y += columns) {
        float mean = 0.0f;
        if (center)
            mean = sum_values(columns, [=](std::size_t j,
                                           std::size_t count) { return load(x + j, count); }) /
                   n;
        const float squares = sum_values(columns, [=](std::size_t j, std::size_t count) {
            const Vec v = load(x + j, count) - mean;
            return v * v;
        });
        const float factor = inverse_root(broadcast(squares / n + epsilon))[0];
        scale[i] = factor;
        map(y, x, columns, [=](Vec v) { return (v - mean) * factor; });
    }
}

inline void standardize_gradient_short(float* dx, const float* dy, const float* y,
                                       const float* scale, std::size_t rows, std::size_t columns,
                                       bool center) {
    const auto n = static_cast<float>(columns);
    for_short_rows(rows, [=](std::size_t i, std::size_t count) {
        ShortRows d(dy + i * columns, count, columns);
        const ShortRows r(y + i * columns, count, columns);
        const Vec along =
            sum_short(columns, [&](std::size_t j) { return d.column[j] * r.column[j]; }) / n;
        Vec mean{};
        if (center) mean = sum_short(columns, [&](std::size_t j) { return d.column[j]; }) / n;
        const Vec factor = load(scale + i, count);
        for (std::size_t j = 0; j < columns; ++j)
            d.column[j] = factor * ((d.column[j] - mean) - r.column[j] * along);
        store_rows(dx + i * columns, d, count, columns);
    });
}

// dx = scale * (dy - mean(dy) - y * mean(dy * y)), without mean(dy) unless `center`.
inline void standardize_gradient(float* dx, const float* dy, const float* y, const float* scale,
                                 std::size_t rows, std::size_t columns, bool center) {
    if (columns <= lanes)
        return standardize_gradient_short(dx, dy, y, scale, rows, columns, center);
    const auto n = static_cast<float>(columns);
    for (std::size_t i = 0; i < rows; ++i, dx += columns, dy += columns, y += columns) {
        const float along = sum_values(columns,
                                       [=](std::size_t j, std::size_t count) {
                                           return load(dy + j, count) * load(y + j, count);
                                       }) /
                            n;
        float mean = 0.0f;
        if (center)
            mean = sum_values(columns, [=](std::size_t j,
                                           std::size_t count) { return load(dy + j, count); }) /
                   n;
        const float factor = scale[i];
        map_operands(
            dx, columns, [=](Vec d, Vec v) { return factor * ((d - mean) - v * along); },
            Operand(dy, 1, columns), Operand(y, 1, columns));
    }
}
