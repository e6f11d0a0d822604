// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), and dropout.

// Counters in the lanes of four words; a word is the low half of a lane, the high half is unused.
struct Counters {
    UInt64 word[4];
};

// Several vectors of counters at once, so that one's products hide another's latency.
template <std::size_t N>
inline void philox(Counters (&counters)[N], std::uint32_t key0, std::uint32_t key1) {
    for (int i = 0; i < 10; ++i) {
        unroll<N>([&](std::size_t n) {
            UInt64(&c)[4] = counters[n].word;
            const UInt64 p = products(c[0], 0xd2511f53 + UInt64{});
            const UInt64 q = products(c[2], 0xcd9e8d57 + UInt64{});
            c[0] = (q >> 32) ^ c[1] ^ key0;
            c[1] = q;
            c[2] = (p >> 32) ^ c[3] ^ key1;
            c[3] = p;
        });
        key0 += 0x9e3779b9;
        key1 += 0xbb67ae85;
    }
}

// What all elements of a row share.
struct DropoutRow {
    std::uint32_t seed, threshold;
    UInt64 row, step, call;
    Vec scale;
};

// n <= 64 elements whose first counter is `first`.  Word w of the counter for column j + lane
// belongs to column 16 w + j + lane.
inline void drop_group(float* y, const float* x, std::size_t n, std::uint32_t first,
                       const DropoutRow& d) {
    for (std::size_t j = 0; j < 16 && j < n; j += width) {
        const UInt counter = (UInt)lane_indices() + (first + static_cast<std::uint32_t>(j));
        Counters c[2] = {{{(UInt64)counter, d.row, d.step, d.call}},
                         {{(UInt64)counter >> 32, d.row, d.step, d.call}}};
        philox(c, d.seed, 0);
        for (std::size_t w = 0; w < 4; ++w) {
            const std::size_t i = 16 * w + j;
            if (i >= n) break;
            const UInt random = (UInt)((c[0].word[w] & 0xffffffff) | (c[1].word[w] << 32));
            const Vec v = load(x + i, n - i) * d.scale;
            store(y + i, select(random >= d.threshold, v, Vec{}), n - i);
        }
    }
}

inline void dropout(float* y, const float* x, const kernel::Dropout& part) {
    const bool keeps_none = part.threshold >> 32;
    for (std::uint32_t i = 0; i < part.rows; ++i, y += part.distance, x += part.distance) {
        if (keeps_none) {
            __builtin_memset(y, 0, part.columns * sizeof(float));
            continue;
        }
        const DropoutRow row{part.seed,
                             static_cast<std::uint32_t>(part.threshold),
                             (part.row + i) + UInt64{},
                             part.step + UInt64{},
                             part.call + UInt64{},
                             broadcast(part.scale)};
        const std::size_t n = part.columns;
        std::uint32_t counter = part.column / 4;  // 16 for each group
        std::size_t j = 0;
        for (; j + 64 <= n; j += 64, counter += 16) drop_group(y + j, x + j, 64, counter, row);
        if (j < n) drop_group(y + j, x + j, n - j, counter, row);
    }
}
