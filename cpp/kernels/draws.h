// Random numbers of an interval and of the normal distribution: the words that dropout draws for
// the same rows, columns and state.

// y[i][j] = f(word of row i, column j), a group of 64 columns at a time.
template <typename F>
inline void draw(float* y, const kernel::Dropout& d, F f) {
    const PhiloxKeys keys(d.seed, 0);
    for (std::size_t j = 0; j < d.columns; j += dropout_group) {
        const std::size_t rest = d.columns - j;
        const std::size_t count = rest < dropout_group ? rest : dropout_group;
        DropoutGroup group;
        group.start((d.column + static_cast<std::uint32_t>(j)) / 4, d, keys);
        for (std::size_t i = 0; i < d.rows; ++i) {
            const DropoutRow row = dropout_row(d.row + static_cast<std::uint32_t>(i), d, keys);
            float part[dropout_group];
            float* at = part;
            for (const auto& turn : group.places) {
                Counters c[philox_at_once];
                philox(c, turn, row, keys);
                for (std::size_t n = 0; n < philox_at_once; n += 2, at += width)
                    for (std::size_t w = 0; w < 4; ++w)
                        store(at + dropout_counters * w,
                              f(interleaved(c[n].word[w], c[n + 1].word[w],
                                            typename MakeIndices<width>::type{})));
            }
            __builtin_memcpy(y + i * d.distance + j, part, count * sizeof(float));
        }
    }
}

// In [0, 1), a multiple of 2^-24.
inline void random_uniform(float* y, const kernel::Dropout& d) {
    draw(y, d, [](UInt word) { return to_float((Int)(word >> 8)) * 0x1p-24f; });
}

// The place of (word + 1/2) / 2^32 in the normal distribution.
inline Vec normal_of(UInt word) {
    union Halves {
        UInt whole;
        std::uint32_t __attribute__((vector_size(2 * width))) half[2];
    };
    union Result {
        Vec whole;
        HalfVec half[2];
    };
    const Halves words{word};
    Result y;
    for (int i = 0; i < 2; ++i) {
        const Double w = __builtin_convertvector(words.half[i], Double);
        const Double x = (w + 0.5) * 0x1p-31 - 1.0;
        y.half[i] = __builtin_convertvector(erfinv(x) * 1.4142135623730951, HalfVec);
    }
    return y.whole;
}

inline void random_normal(float* y, const kernel::Dropout& d) {
    draw(y, d, [](UInt word) { return normal_of(word); });
}
