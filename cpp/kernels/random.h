// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), and dropout.

// Counters in the lanes of four words; a word is the low half of a lane, the high half is unused.
struct Counters {
    UInt64 word[4];
};

// Two vectors of counters at once, so that one's products hide the other's latency.
inline void philox(Counters& even, Counters& odd, std::uint32_t key0, std::uint32_t key1) {
    const auto round = [&](Counters& c) {
        const UInt64 p = products(c.word[0], 0xd2511f53 + UInt64{});
        const UInt64 q = products(c.word[2], 0xcd9e8d57 + UInt64{});
        c.word[0] = (q >> 32) ^ c.word[1] ^ key0;
        c.word[1] = q;
        c.word[2] = (p >> 32) ^ c.word[3] ^ key1;
        c.word[3] = p;
    };
    for (int i = 0; i < 10; ++i) {
        round(even);
        round(odd);
        key0 += 0x9e3779b9;
        key1 += 0xbb67ae85;
    }
}

// Word w of the counter for column j + lane of a group of 64 belongs to column 16 w + j + lane.
inline void dropout(float* y, const float* x, std::size_t n, const kernel::DropoutPart& part) {
    if (part.threshold >> 32) {
        __builtin_memset(y, 0, n * sizeof(float));
        return;
    }
    const auto threshold = static_cast<std::uint32_t>(part.threshold);
    const std::uint32_t first = part.column / 4, seed = part.seed;
    const UInt64 row = part.row + UInt64{}, step = part.step + UInt64{},
                 call = part.call + UInt64{};
    const Vec scale = broadcast(part.scale);
    for (std::size_t group = 0; group < n; group += 64) {
        for (std::size_t j = 0; j < 16 && group + j < n; j += width) {
            const UInt counter =
                (UInt)lane_indices() + (first + static_cast<std::uint32_t>(group / 4 + j));
            Counters even{{(UInt64)counter, row, step, call}};
            Counters odd{{(UInt64)counter >> 32, row, step, call}};
            philox(even, odd, seed, 0);
            for (std::size_t w = 0; w < 4; ++w) {
                const std::size_t i = group + 16 * w + j;
                if (i >= n) break;
                const UInt random = (UInt)((even.word[w] & 0xffffffff) | (odd.word[w] << 32));
                const Vec v = load(x + i, n - i) * scale;
                store(y + i, select(random >= threshold, v, Vec{}), n - i);
            }
        }
    }
}
