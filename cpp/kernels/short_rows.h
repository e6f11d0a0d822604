// Operations on rows of at most 16 numbers, `width` rows at once.  A row's numbers stand for the
// 16 lanes of reduce.h and are joined in the same order: the results are those of longer rows.

// Number j of every row in vector j, up to a multiple of `width`; the others are not set.
struct ShortRows {
    Vec column[lanes];

    ShortRows() = default;
    ShortRows(const float* x, std::size_t rows, std::size_t columns) {
        const std::size_t n = rows * columns;
        for (std::size_t j = 0; j < columns; j += width) {
            Vec square[width];
            for (std::size_t i = 0, at = j; i < width; ++i, at += columns)
                square[i] = at < n ? load(x + at, n - at) : Vec{};
            transpose_square<width / 2>(square);
            for (std::size_t i = 0; i < width; ++i) column[j + i] = square[i];
        }
    }
};

// Whole vectors where there is room: what one writes too far, the next row puts right.
inline void store_rows(float* y, const ShortRows& r, std::size_t rows, std::size_t columns) {
    Vec squares[lane_vectors][width];
    for (std::size_t j = 0; j < columns; j += width) {
        Vec(&square)[width] = squares[j / width];
        for (std::size_t i = 0; i < width; ++i) square[i] = r.column[j + i];
        transpose_square<width / 2>(square);
    }
    const std::size_t n = rows * columns;
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; j += width) {
            const std::size_t at = i * columns + j;
            store(y + at, squares[j / width][i], n - at);
        }
}

// Calls body(first row, number of rows) for at most `width` rows at a time.
template <typename Body>
inline void for_short_rows(std::size_t rows, Body body) {
    for (std::size_t i = 0; i < rows; i += width) body(i, rows - i < width ? rows - i : width);
}

// f over value(0), ..., value(columns - 1); `start` stands for lanes without a value.
template <typename Value, typename F>
inline Vec fold_short(std::size_t columns, float start, Value value, F f) {
    Vec x[lanes];
    for (std::size_t j = 0; j < lanes; ++j) x[j] = j < columns ? value(j) : broadcast(start);
    for (std::size_t half = lanes / 2; half > 0; half /= 2)
        for (std::size_t j = 0; j < half; ++j) x[j] = f(x[j], x[j + half]);
    return x[0];
}

// A sum starts at 0: it is never -0.
template <typename Value>
inline Vec sum_short(std::size_t columns, Value value) {
    return fold_short(columns, 0.0f, value, [](Vec a, Vec b) { return a + b; }) + 0.0f;
}

inline Vec max_short(const ShortRows& x, std::size_t columns) {
    return fold_short(
        columns, -infinity, [&](std::size_t j) { return x.column[j]; },
        [](Vec a, Vec b) { return maximum(a, b); });
}

// y = exp(x - largest); returns the sum of y.
inline Vec exp_shifted_short(ShortRows& y, const ShortRows& x, std::size_t columns, Vec largest) {
    for (std::size_t j = 0; j < columns; ++j) y.column[j] = exp(x.column[j] - largest);
    return sum_short(columns, [&](std::size_t j) { return y.column[j]; });
}

inline void softmax_short(float* y, const float* x, std::size_t rows, std::size_t columns) {
    for_short_rows(rows, [=](std::size_t i, std::size_t count) {
        ShortRows r(x + i * columns, count, columns);
        const Vec sum = exp_shifted_short(r, r, columns, max_short(r, columns));
        for (std::size_t j = 0; j < columns; ++j) r.column[j] /= sum;
        store_rows(y + i * columns, r, count, columns);
    });
}

inline void log_softmax_short(float* y, const float* x, std::size_t rows, std::size_t columns) {
    for_short_rows(rows, [=](std::size_t i, std::size_t count) {
        ShortRows r(x + i * columns, count, columns), e;
        const Vec largest = max_short(r, columns);
        const Vec log_sum = log(exp_shifted_short(e, r, columns, largest));
        for (std::size_t j = 0; j < columns; ++j) r.column[j] = (r.column[j] - largest) - log_sum;
        store_rows(y + i * columns, r, count, columns);
    });
}

inline void softmax_gradient_short(float* dx, const float* dy, const float* y, std::size_t rows,
                                   std::size_t columns) {
    for_short_rows(rows, [=](std::size_t i, std::size_t count) {
        ShortRows d(dy + i * columns, count, columns);
        const ShortRows r(y + i * columns, count, columns);
        const Vec dot =
            sum_short(columns, [&](std::size_t j) { return d.column[j] * r.column[j]; });
        for (std::size_t j = 0; j < columns; ++j) d.column[j] = r.column[j] * (d.column[j] - dot);
        store_rows(dx + i * columns, d, count, columns);
    });
}

inline void softmax_cross_entropy_short(float* loss, float* probabilities, const float* logits,
                                        const float* target, std::size_t rows,
                                        std::size_t columns) {
    for_short_rows(rows, [=](std::size_t i, std::size_t count) {
        const ShortRows x(logits + i * columns, count, columns);
        const ShortRows t(target + i * columns, count, columns);
        ShortRows p;
        const Vec largest = max_short(x, columns);
        const Vec sum = exp_shifted_short(p, x, columns, largest), log_sum = log(sum);
        const Vec total = sum_short(columns, [&](std::size_t j) {
            return t.column[j] * (log_sum - (x.column[j] - largest));
        });
        store(loss + i, total, count);
        for (std::size_t j = 0; j < columns; ++j) p.column[j] /= sum;
        store_rows(probabilities + i * columns, p, count, columns);
    });
}

inline void softmax_cross_entropy_gradient_short(float* dlogits, const float* dloss,
                                                 const float* probabilities, const float* target,
                                                 std::size_t rows, std::size_t columns) {
    for_short_rows(rows, [=](std::size_t i, std::size_t count) {
        ShortRows p(probabilities + i * columns, count, columns);
        const ShortRows t(target + i * columns, count, columns);
        const Vec sum = sum_short(columns, [&](std::size_t j) { return t.column[j]; });
        const Vec d = load(dloss + i, count);
        for (std::size_t j = 0; j < columns; ++j)
            p.column[j] = d * (p.column[j] * sum - t.column[j]);
        store_rows(dlogits + i * columns, p, count, columns);
    });
}

inline void argmax_short(float* y, const float* x, std::size_t rows, std::size_t columns) {
    for_short_rows(rows, [=](std::size_t i, std::size_t count) {
        const ShortRows r(x + i * columns, count, columns);
        const Vec largest = max_short(r, columns);
        Vec place{};
        for (std::size_t j = columns; j-- > 0;) {
            const Vec v = r.column[j];
            place = select((v == largest) | (v != v), broadcast(static_cast<float>(j)), place);
        }
        store(y + i, place, count);
    });
}
