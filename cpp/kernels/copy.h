// Copies in another order.

// Exchanges the right upper and the left lower blocks of 2 distance x 2 distance squares.
template <std::size_t distance, std::size_t... I>
inline void exchange(Vec& upper, Vec& lower, Indices<I...>) {
    const Vec u =
        __builtin_shufflevector(upper, lower, (I & distance ? width + I - distance : I)...);
    const Vec l =
        __builtin_shufflevector(upper, lower, (I & distance ? width + I : I + distance)...);
    upper = u;
    lower = l;
}

template <std::size_t distance>
inline void transpose_square(Vec (&x)[width]) {
    for (std::size_t i = 0; i < width; ++i)
        if (!(i & distance))
            exchange<distance>(x[i], x[i + distance], typename MakeIndices<width>::type{});
    if constexpr (distance > 1) transpose_square<distance / 2>(x);
}

// y (columns, rows) = x (rows, columns) transposed; rows, columns <= width.
inline void transpose_few(float* y, std::size_t y_step, const float* x, std::size_t x_step,
                          std::size_t rows, std::size_t columns) {
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j) y[j * y_step + i] = x[i * x_step + j];
}

inline void transpose_block(float* y, std::size_t y_step, const float* x, std::size_t x_step) {
    Vec v[width];
    for (std::size_t i = 0; i < width; ++i) v[i] = load(x + i * x_step);
    transpose_square<width / 2>(v);
    for (std::size_t i = 0; i < width; ++i) store(y + i * y_step, v[i]);
}

// Two blocks of rows side by side fill whole cache lines of y.
inline void transpose(float* y, std::size_t y_step, const float* x, std::size_t x_step,
                      std::size_t rows, std::size_t columns) {
    for (std::size_t first = 0; first < rows; first += 2 * width)
        for (std::size_t j = 0; j < columns; j += width)
            for (std::size_t i = first; i < rows && i < first + 2 * width; i += width) {
                const std::size_t height = rows - i < width ? rows - i : width;
                const std::size_t length = columns - j < width ? columns - j : width;
                float* const to = y + j * y_step + i;
                const float* const from = x + i * x_step + j;
                if (height == width && length == width)
                    transpose_block(to, y_step, from, x_step);
                else
                    transpose_few(to, y_step, from, x_step, height, length);
            }
}

// b's columns as a panel of whole vectors, padded with zeros.
inline void pack(const kernel::Matmul& part) {
    const std::size_t step = (part.columns + width - 1) / width * width;
    if (part.b_transposed) {
        if (part.columns < step) __builtin_memset(part.panel, 0, part.k * step * sizeof(float));
        transpose(part.panel, step, part.b, part.b_step, part.columns, part.k);
        return;
    }
    for (std::size_t p = 0; p < part.k; ++p)
        for (std::size_t j = 0; j < part.columns; j += width)
            store(part.panel + p * step + j, load(part.b + p * part.b_step + j, part.columns - j));
}
