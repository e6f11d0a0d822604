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

// The place of (word + 1/2) / 2^32 in the normal distribution: with x = (word + 1/2) / 2^31 - 1, x
// times a minimax fit of sqrt(2) erfinv(x) / x in w = -log(1 - x^2) or, at the ends, in its root.
// 1 - |x| is not taken from x: it has all bits of the word.  At most 3 ulp from the true value.
LAMINA_INLINE Vec normal_of(UInt word) {
    const Int i = (Int)(word ^ 0x80000000u);  // x = (i + 1/2) / 2^31
    const Int j = i ^ (i >> 31);              // of |x|
    const Vec x = (to_float(j) + 0.5f) * 0x1p-31f;
    const Vec rest = (to_float(0x7fffffff - j) + 0.5f) * 0x1p-31f;
    const Split s = split(rest * (1.0f + x));
    const Vec w = -log_of_parts(to_float(s.exponent), s.mantissa - 1.0f);
    const Int middle = w < 5.0f;
    Vec y = polynomial(w, 1.253314130f, 0.3281170880f, 0.01633226374f, -3.301194838e-03f,
                       -1.802847858e-04f, 6.302390861e-05f, 5.633418482e-06f, -2.795189995e-06f,
                       3.125897201e-07f, -1.243260922e-08f);
    if (!all(middle)) {
        const Vec ends =
            polynomial(sqrt(w) - 3.3f, 4.432373695f, 1.422372496f, 6.852229022e-03f,
                       -4.659078218e-03f, 2.957404722e-03f, -1.998089435e-03f, 1.222130629e-03f,
                       -5.068397744e-04f, 1.685648062e-05f, 9.757812827e-05f, -3.181734260e-05f);
        y = select(middle, y, ends);
    }
    return copy_sign(x * y, (Vec)i);
}

inline void random_normal(float* y, const kernel::Dropout& d) {
    draw(y, d, [](UInt word) { return normal_of(word); });
}
