// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), and dropout.

constexpr std::size_t philox_rounds = 10;

// Counters in the lanes of four words; a word is the low half of a lane, the high half is unused.
struct Counters {
    UInt64 word[4];
};

inline UInt64 times_a(UInt64 x) { return products(x, 0xd2511f53 + UInt64{}); }
inline UInt64 times_b(UInt64 x) { return products(x, 0xcd9e8d57 + UInt64{}); }

struct PhiloxKeys {
    UInt64 first[philox_rounds], second[philox_rounds];

    PhiloxKeys(std::uint32_t key0, std::uint32_t key1) {
        for (std::size_t i = 0; i < philox_rounds; ++i, key0 += 0x9e3779b9, key1 += 0xbb67ae85) {
            first[i] = key0 + UInt64{};
            second[i] = key1 + UInt64{};
        }
    }
};

inline void philox_round(Counters& counters, const PhiloxKeys& keys, std::size_t i) {
    UInt64(&c)[4] = counters.word;
    const UInt64 p = times_a(c[0]), q = times_b(c[2]);
    c[0] = (q >> 32) ^ (c[1] ^ keys.first[i]);
    c[1] = q;
    c[2] = (p >> 32) ^ (c[3] ^ keys.second[i]);
    c[3] = p;
}

// Dropout's counters are (place, row, step, call), with the place in the row.  After two rounds
// words 0 and 1 do not depend on the row, word 3 not on the place, and word 2 is a part of each
// joined by exclusive or: these parts are computed once for many counters.
struct DropoutRow {
    UInt64 part2, word3;
};
struct DropoutPlaces {
    UInt64 part2;
    UInt64 high_b, high_a, low_a;  // of the third round, as far as it goes without the row
};

inline Counters two_rounds(UInt64 place, UInt64 row, const kernel::Dropout& d,
                           const PhiloxKeys& keys) {
    Counters c{{place, row, d.step + UInt64{}, d.call + UInt64{}}};
    philox_round(c, keys, 0);
    philox_round(c, keys, 1);
    return c;
}

inline DropoutRow dropout_row(std::uint32_t row, const kernel::Dropout& d, const PhiloxKeys& keys) {
    const Counters c = two_rounds(UInt64{}, row + UInt64{}, d, keys);
    return {c.word[2] ^ two_rounds(UInt64{}, UInt64{}, d, keys).word[2], c.word[3]};
}

inline DropoutPlaces dropout_places(UInt64 places, const kernel::Dropout& d,
                                    const PhiloxKeys& keys) {
    const Counters c = two_rounds(places, UInt64{}, d, keys);
    const UInt64 p = times_a(c.word[0]);
    return {c.word[2], c.word[1] ^ keys.first[2], (p >> 32) ^ keys.second[2], p};
}

// N vectors of counters at once, so that one's products hide another's latency.
template <std::size_t N>
inline void philox(Counters (&c)[N], const DropoutPlaces (&places)[N], const DropoutRow& row,
                   const PhiloxKeys& keys) {
    unroll<N>([&](std::size_t n) {
        const DropoutPlaces& p = places[n];
        const UInt64 q = times_b(p.part2 ^ row.part2);
        c[n] = {{(q >> 32) ^ p.high_b, q, p.high_a ^ row.word3, p.low_a}};
    });
    unroll<philox_rounds - 3>(
        [&](std::size_t i) { unroll<N>([&](std::size_t n) { philox_round(c[n], keys, 3 + i); }); });
}

// The low halves of the lanes of both: even[0], odd[0], even[1], ...
template <std::size_t... I>
inline UInt interleaved(UInt64 even, UInt64 odd, Indices<I...>) {
    return __builtin_shufflevector((UInt)even, (UInt)(odd << 32), (I % 2 ? width + I : I)...);
}

// 64 columns take the four words of 16 counters: word w of counter j belongs to column 16 w + j.
constexpr std::size_t dropout_group = 64, dropout_counters = 16;
constexpr std::size_t philox_at_once = width < 16 ? 4 : 2;
constexpr std::size_t philox_turns = 2 * dropout_counters / width / philox_at_once;

struct DropoutGroup {
    // Of each `width` counters the even ones, then the odd ones.
    DropoutPlaces places[philox_turns][philox_at_once];

    void start(std::uint32_t first, const kernel::Dropout& d, const PhiloxKeys& keys) {
        UInt counters = (UInt)lane_indices() + first;
        for (auto& turn : places) {
            for (std::size_t n = 0; n < philox_at_once; n += 2, counters += width) {
                turn[n] = dropout_places((UInt64)counters, d, keys);
                turn[n + 1] = dropout_places((UInt64)counters >> 32, d, keys);
            }
        }
    }
};

// y and x: 64 elements of a row.
inline void drop_group(float* y, const float* x, const DropoutGroup& group, const DropoutRow& row,
                       const PhiloxKeys& keys, UInt threshold, Vec scale) {
    for (const auto& turn : group.places) {
        Counters c[philox_at_once];
        philox(c, turn, row, keys);
        for (std::size_t n = 0; n < philox_at_once; n += 2, y += width, x += width) {
            for (std::size_t w = 0; w < 4; ++w) {
                const UInt random = interleaved(c[n].word[w], c[n + 1].word[w],
                                                typename MakeIndices<width>::type{});
                const Vec v = load(x + dropout_counters * w) * scale;
                store(y + dropout_counters * w, select(random >= threshold, v, Vec{}));
            }
        }
    }
}

inline void drop_first(float* y, const float* x, std::size_t n, const DropoutGroup& group,
                       const DropoutRow& row, const PhiloxKeys& keys, UInt threshold, Vec scale) {
    float part[dropout_group] = {};
    __builtin_memcpy(part, x, n * sizeof(float));
    drop_group(part, part, group, row, keys, threshold, scale);
    __builtin_memcpy(y, part, n * sizeof(float));
}

// At most dropout_columns columns: what depends on them is computed once.
constexpr std::size_t dropout_columns = 256;

inline void drop_columns(float* y, const float* x, std::size_t columns, std::uint32_t column,
                         const kernel::Dropout& d, const PhiloxKeys& keys) {
    const UInt threshold = static_cast<std::uint32_t>(d.threshold) + UInt{};
    const Vec scale = broadcast(d.scale);
    DropoutGroup groups[dropout_columns / dropout_group];
    for (std::size_t j = 0; j < columns; j += dropout_group)
        groups[j / dropout_group].start((column + static_cast<std::uint32_t>(j)) / 4, d, keys);
    for (std::size_t i = 0; i < d.rows; ++i, y += d.distance, x += d.distance) {
        const DropoutRow row = dropout_row(d.row + static_cast<std::uint32_t>(i), d, keys);
        const DropoutGroup* group = groups;
        std::size_t j = 0;
        for (; j + dropout_group <= columns; j += dropout_group)
            drop_group(y + j, x + j, *group++, row, keys, threshold, scale);
        if (j < columns) drop_first(y + j, x + j, columns - j, *group, row, keys, threshold, scale);
    }
}

inline void dropout(float* y, const float* x, const kernel::Dropout& d) {
    if (d.threshold >> 32) {
        for (std::size_t i = 0; i < d.rows; ++i)
            __builtin_memset(y + i * d.distance, 0, d.columns * sizeof(float));
        return;
    }
    const PhiloxKeys keys(d.seed, 0);
    for (std::size_t j = 0; j < d.columns; j += dropout_columns) {
        const std::size_t rest = d.columns - j;
        drop_columns(y + j, x + j, rest < dropout_columns ? rest : dropout_columns,
                     d.column + static_cast<std::uint32_t>(j), d, keys);
    }
}
