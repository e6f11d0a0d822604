// Products, sums and what is done to whole rows, in the order of the kernels (docs/numbers.md).
// Results do not overlap operands.

// c (m, n) = a (m, k) b (k, n): chains of fused multiply-adds in the order of k.  Steps are floats
// from a row or column to the next.
static inline void lamina_matmul(float *c, const float *a, size_t a_row, size_t a_column,
                                 const float *b, size_t b_row, size_t b_column, size_t m, size_t k,
                                 size_t n) {
    for (size_t i = 0; i < m; ++i, a += a_row, c += n) {
        for (size_t j = 0; j < n; ++j) c[j] = 0.0f;
        for (size_t p = 0; p < k; ++p)
            for (size_t j = 0; j < n; ++j)
                c[j] = lamina_fma(a[p * a_column], b[p * b_row + j * b_column], c[j]);
        for (size_t j = 0; j < n; ++j) c[j] += 0.0f;  // -0 becomes 0
    }
}

// The same for a b of finite numbers: the zeros of a, which add nothing, are left out.  Four
// chains' steps at a time.
static inline void lamina_matmul_finite(float *__restrict c, const float *__restrict a,
                                        const float *__restrict b, size_t m, size_t k, size_t n) {
    for (size_t i = 0; i < m; ++i, a += k, c += n) {
        for (size_t j = 0; j < n; ++j) c[j] = 0.0f;
        for (size_t p = 0; p < k;) {
            float x[4] = {0.0f, 0.0f, 0.0f, 0.0f};
            const float *w[4] = {b, b, b, b};
            for (size_t count = 0; p < k && count < 4; ++p)
                if (a[p] != 0.0f) {
                    x[count] = a[p];
                    w[count++] = b + p * n;
                }
            for (size_t j = 0; j < n; ++j) {
                float sum = lamina_fma(x[0], w[0][j], c[j]);
                sum = lamina_fma(x[1], w[1][j], sum);
                sum = lamina_fma(x[2], w[2][j], sum);
                c[j] = lamina_fma(x[3], w[3][j], sum);
            }
        }
        for (size_t j = 0; j < n; ++j) c[j] += 0.0f;  // -0 becomes 0
    }
}

// Blocks of 4096; in a block sixteen interleaved chains, added as a tree.
static inline float lamina_sum_row(const float *x, size_t n) {
    float total = 0.0f;
    for (size_t first = 0; first < n; first += 4096) {
        const size_t size = n - first < 4096 ? n - first : 4096;
        float lane[16] = {0.0f};
        size_t i = 0;
        for (; i + 16 <= size; i += 16)
            for (size_t j = 0; j < 16; ++j) lane[j] += x[first + i + j];
        for (size_t j = 0; i + j < size; ++j) lane[j] += x[first + i + j];
        for (size_t half = 8; half > 0; half /= 2)
            for (size_t j = 0; j < half; ++j) lane[j] += lane[j + half];
        total += lane[0];
    }
    return total;
}

// y (outer, inner) from x (outer, n, inner): with inner > 1 a chain for each column.
static inline void lamina_sum(float *y, const float *x, size_t outer, size_t n, size_t inner) {
    for (size_t i = 0; i < outer; ++i, x += n * inner, y += inner) {
        if (inner == 1) {
            *y = lamina_sum_row(x, n);
            continue;
        }
        for (size_t j = 0; j < inner; ++j) y[j] = 0.0f;
        for (size_t p = 0; p < n; ++p)
            for (size_t j = 0; j < inner; ++j) y[j] += x[p * inner + j];
    }
}

static inline void lamina_mean(float *y, const float *x, size_t outer, size_t n, size_t inner) {
    lamina_sum(y, x, outer, n, inner);
    for (size_t i = 0; i < outer * inner; ++i) y[i] /= (float)n;
}

// The largest of n numbers `step` apart, in sixteen chains where they are neighbours.
static inline float lamina_largest(const float *x, size_t n, size_t step) {
    float lane[16];
    for (size_t j = 0; j < 16; ++j) lane[j] = -INFINITY;
    for (size_t i = 0; i < n; ++i) {
        float *const best = lane + (step == 1 ? i % 16 : 0);
        *best = lamina_maximum(*best, x[i * step]);
    }
    for (size_t half = step == 1 ? 8 : 0; half > 0; half /= 2)
        for (size_t j = 0; j < half; ++j) lane[j] = lamina_maximum(lane[j], lane[j + half]);
    return lane[0];
}

static inline float lamina_smallest(const float *x, size_t n, size_t step) {
    float lane[16];
    for (size_t j = 0; j < 16; ++j) lane[j] = INFINITY;
    for (size_t i = 0; i < n; ++i) {
        float *const best = lane + (step == 1 ? i % 16 : 0);
        *best = lamina_minimum(*best, x[i * step]);
    }
    for (size_t half = step == 1 ? 8 : 0; half > 0; half /= 2)
        for (size_t j = 0; j < half; ++j) lane[j] = lamina_minimum(lane[j], lane[j + half]);
    return lane[0];
}

static inline void lamina_max(float *y, const float *x, size_t outer, size_t n, size_t inner) {
    for (size_t i = 0; i < outer; ++i)
        for (size_t j = 0; j < inner; ++j)
            y[i * inner + j] = lamina_largest(x + i * n * inner + j, n, inner);
}

static inline void lamina_min(float *y, const float *x, size_t outer, size_t n, size_t inner) {
    for (size_t i = 0; i < outer; ++i)
        for (size_t j = 0; j < inner; ++j)
            y[i * inner + j] = lamina_smallest(x + i * n * inner + j, n, inner);
}

static inline void lamina_softmax(float *y, const float *x, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; ++i, x += columns, y += columns) {
        const float largest = lamina_largest(x, columns, 1);
        for (size_t j = 0; j < columns; ++j) y[j] = lamina_exp(x[j] - largest);
        const float sum = lamina_sum_row(y, columns);
        for (size_t j = 0; j < columns; ++j) y[j] /= sum;
    }
}

static inline void lamina_log_softmax(float *y, const float *x, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; ++i, x += columns, y += columns) {
        const float largest = lamina_largest(x, columns, 1);
        for (size_t j = 0; j < columns; ++j) y[j] = lamina_exp(x[j] - largest);
        const float log_sum = lamina_log(lamina_sum_row(y, columns));
        for (size_t j = 0; j < columns; ++j) y[j] = (x[j] - largest) - log_sum;
    }
}

// The distribution nearest to a row (Martins and Astudillo, 2016), by Michelot's rounds (1986).
static inline void lamina_sparsemax(float *y, const float *x, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; ++i, x += columns, y += columns) {
        float highest = -INFINITY;
        int hard = 0;
        for (size_t j = 0; j < columns; ++j) {
            highest = highest < x[j] ? x[j] : highest;
            hard |= x[j] != x[j];
        }
        hard |= lamina_abs(highest) == INFINITY;
        double t = -1.0;
        for (size_t before = columns + 1, count = 0; !hard; before = count, count = 0) {
            double sum = 0.0;
            for (size_t j = 0; j < columns; ++j)
                if ((double)x[j] - (double)highest > t) {
                    sum += (double)x[j] - (double)highest;
                    ++count;
                }
            if (count >= before) break;
            t = (sum - 1.0) / (double)count;
        }
        for (size_t j = 0; j < columns; ++j) {
            const double above = (double)x[j] - (double)highest - t;
            y[j] = hard ? NAN : above < 0.0 ? 0.0f : (float)above;
        }
    }
}

// y = (x - mean) * scale, scale (rows) = 1 / sqrt(mean((x - mean)^2) + epsilon); the mean is taken
// as 0 unless `center`.
static inline void lamina_standardize(float *y, float *scale, const float *x, size_t rows,
                                      size_t columns, float epsilon, int center) {
    const float n = (float)columns;
    for (size_t i = 0; i < rows; ++i, x += columns, y += columns) {
        const float mean = center ? lamina_sum_row(x, columns) / n : 0.0f;
        for (size_t j = 0; j < columns; ++j) {
            const float v = x[j] - mean;
            y[j] = v * v;
        }
        scale[i] = 1.0f / sqrtf(lamina_sum_row(y, columns) / n + epsilon);
        for (size_t j = 0; j < columns; ++j) y[j] = (x[j] - mean) * scale[i];
    }
}

// loss (rows) = -sum(target * log_softmax(logits)); probabilities = softmax(logits).
static inline void lamina_softmax_cross_entropy(float *loss, float *probabilities,
                                                const float *logits, const float *target,
                                                size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; ++i) {
        const float *const x = logits + i * columns;
        float *const y = probabilities + i * columns;
        const float largest = lamina_largest(x, columns, 1);
        for (size_t j = 0; j < columns; ++j) y[j] = lamina_exp(x[j] - largest);
        const float log_sum = lamina_log(lamina_sum_row(y, columns));
        for (size_t j = 0; j < columns; ++j)
            y[j] = target[i * columns + j] * (log_sum - (x[j] - largest));
        loss[i] = lamina_sum_row(y, columns);
    }
    lamina_softmax(probabilities, logits, rows, columns);
}

// The first place of the row's largest number (of a NaN, if there is one).
static inline void lamina_argmax(float *y, const float *x, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; ++i, x += columns) {
        const float largest = lamina_largest(x, columns, 1);
        size_t j = 0;
        while (x[j] != largest && x[j] == x[j]) ++j;
        y[i] = (float)j;
    }
}

// 1 where both rows have their largest numbers in the same place, else 0.
static inline void lamina_categorical_accuracy(float *y, const float *target,
                                               const float *prediction, size_t rows,
                                               size_t columns) {
    for (size_t i = 0; i < rows; ++i) {
        float places[2];
        lamina_argmax(places, target + i * columns, 1, columns);
        lamina_argmax(places + 1, prediction + i * columns, 1, columns);
        y[i] = places[0] == places[1] ? 1.0f : 0.0f;
    }
}

// 1 in column x[row], else 0.
static inline void lamina_one_hot(float *y, const float *x, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j) y[i * columns + j] = x[i] == (float)j ? 1.0f : 0.0f;
}

// The place among n that an index stands for, as in Python; n for one outside.
static inline size_t lamina_place_of(float index, size_t n) {
    const float limit = (float)n;
    if (!(index >= -limit && index < limit)) return n;
    const ptrdiff_t whole = (ptrdiff_t)index;
    if ((float)whole != index) return n;
    return whole < 0 ? n - (size_t)-whole : (size_t)whole;
}

// y (outer, m, inner): slice j is slice indices[j] of x (outer, n, inner), NaN for one outside.
static inline void lamina_take(float *y, const float *x, const float *indices, size_t outer,
                               size_t n, size_t m, size_t inner) {
    for (size_t i = 0; i < outer * m; ++i) {
        const size_t at = lamina_place_of(indices[i % m], n);
        for (size_t j = 0; j < inner; ++j)
            y[i * inner + j] = at == n ? NAN : x[(i / m * n + at) * inner + j];
    }
}

// y (rows, m): y[j] = x[indices[j]] of each row; x (rows, n), indices (rows, m).
static inline void lamina_take_along_axis(float *y, const float *x, const float *indices,
                                          size_t rows, size_t n, size_t m) {
    for (size_t i = 0; i < rows * m; ++i) {
        const size_t at = lamina_place_of(indices[i], n);
        y[i] = at == n ? NAN : x[i / m * n + at];
    }
}

// y (outer, n, inner) = 0, and slice j of x (outer, m, inner) is added to slice indices[j].
static inline void lamina_segment_sum(float *y, const float *x, const float *indices, size_t outer,
                                      size_t n, size_t m, size_t inner) {
    for (size_t i = 0; i < outer * n * inner; ++i) y[i] = 0.0f;
    for (size_t i = 0; i < outer * m; ++i) {
        const size_t at = lamina_place_of(indices[i % m], n);
        for (size_t j = 0; at < n && j < inner; ++j)
            y[(i / m * n + at) * inner + j] += x[i * inner + j];
    }
}

// y (rows, n) = 0, and x[j] is added to y[indices[j]] in each row; x, indices (rows, m).
static inline void lamina_add_along_axis(float *y, const float *x, const float *indices,
                                         size_t rows, size_t n, size_t m) {
    for (size_t i = 0; i < rows * n; ++i) y[i] = 0.0f;
    for (size_t i = 0; i < rows * m; ++i) {
        const size_t at = lamina_place_of(indices[i], n);
        if (at < n) y[i / m * n + at] += x[i];
    }
}

// y[i] = y[i - 1] + x[i] along n; x, y (outer, n, inner).  In reverse: y[i] = y[i + 1] + x[i].
static inline void lamina_cumsum(float *y, const float *x, size_t outer, size_t n, size_t inner,
                                 int reverse) {
    for (size_t i = 0; i < outer * inner; ++i)
        for (size_t p = 0; p < n; ++p) {
            const size_t first = i / inner * n * inner + i % inner;
            const size_t at = first + (reverse ? n - 1 - p : p) * inner;
            y[at] = p == 0 ? x[at] : y[reverse ? at + inner : at - inner] + x[at];
        }
}

// y[i] = a[i] y[i - 1] + b[i], rounded twice, with y[0] = b[0].  In reverse: from y[i + 1].
static inline void lamina_recurrence(float *y, const float *a, const float *b, size_t outer,
                                     size_t n, size_t inner, int reverse) {
    for (size_t i = 0; i < outer * inner; ++i)
        for (size_t p = 0; p < n; ++p) {
            const size_t first = i / inner * n * inner + i % inner;
            const size_t at = first + (reverse ? n - 1 - p : p) * inner;
            y[at] = p == 0 ? b[at] : a[at] * y[reverse ? at + inner : at - inner] + b[at];
        }
}

// NaN is larger than all numbers.
static inline int lamina_less(float a, float b) { return a < b || (b != b && a == a); }

// The places of the row's first k numbers, from the smallest on, or the largest; of equals the
// first.
static inline void lamina_order(float *y, const float *x, size_t rows, size_t columns, size_t k,
                                int descending) {
    for (size_t i = 0; i < rows; ++i, x += columns, y += k) {
        size_t last = columns, next;
        for (size_t place = 0; place < k; ++place, last = next) {
            next = columns;
            for (size_t j = 0; j < columns; ++j) {
                // Behind the last one, and before the best so far.
                if (last < columns) {
                    const int before =
                        descending ? lamina_less(x[last], x[j]) : lamina_less(x[j], x[last]);
                    const int behind =
                        descending ? lamina_less(x[j], x[last]) : lamina_less(x[last], x[j]);
                    if (before || (!behind && j <= last)) continue;
                }
                if (next == columns ||
                    (descending ? lamina_less(x[next], x[j]) : lamina_less(x[j], x[next])))
                    next = j;
            }
            y[place] = (float)next;
        }
    }
}

// How many of the n sorted numbers are less than each x, or not greater when `right`.
static inline void lamina_searchsorted(float *y, const float *sorted, const float *x, size_t n,
                                       size_t size, int right) {
    for (size_t i = 0; i < size; ++i) {
        size_t low = 0, high = n;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (right ? !lamina_less(x[i], sorted[middle]) : lamina_less(sorted[middle], x[i]))
                low = middle + 1;
            else
                high = middle;
        }
        y[i] = (float)low;
    }
}
