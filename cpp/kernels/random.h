// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), and dropout.

struct Words {
    UInt word[4];
};

struct Product {
    UInt high, low;
};

inline Product multiply(UInt a, std::uint32_t b) {
    const UInt factor = b + UInt{};
    const UInt64 even = even_products(a, factor);
    const UInt64 odd = even_products((UInt)((UInt64)a >> 32), factor);
    constexpr std::uint64_t upper = 0xffffffff00000000;
    return {(UInt)((even >> 32) | (odd & upper)), (UInt)((even & ~upper) | (odd << 32))};
}

inline Words philox(Words counter, std::uint32_t key0, std::uint32_t key1) {
    UInt* c = counter.word;
    for (int round = 0; round < 10; ++round) {
        const Product p = multiply(c[0], 0xd2511f53);
        const Product q = multiply(c[2], 0xcd9e8d57);
        c[0] = q.high ^ c[1] ^ key0;
        c[1] = q.low;
        c[2] = p.high ^ c[3] ^ key1;
        c[3] = p.low;
        key0 += 0x9e3779b9;
        key1 += 0xbb67ae85;
    }
    return counter;
}

// Word w of the counter for columns j + lane of a group of 64 belongs to column 16 w + j + lane.
inline void dropout(float* y, const float* x, std::size_t n, const kernel::DropoutPart& part) {
    if (part.threshold >> 32) {
        __builtin_memset(y, 0, n * sizeof(float));
        return;
    }
    const auto threshold = static_cast<std::uint32_t>(part.threshold);
    for (std::size_t group = 0; group < n; group += 64) {
        const auto first = static_cast<std::uint32_t>(16 * ((part.column + group) / 64));
        for (std::size_t j = 0; j < 16 && group + j < n; j += width) {
            const Words random =
                philox({{(UInt)lane_indices() + (first + static_cast<std::uint32_t>(j)),
                         part.row + UInt{}, part.step + UInt{}, part.call + UInt{}}},
                       part.seed, 0);
            for (std::size_t w = 0; w < 4; ++w) {
                const std::size_t i = group + 16 * w + j;
                if (i >= n) break;
                const Vec v = load(x + i, n - i) * part.scale;
                store(y + i, select(random.word[w] >= threshold, v, Vec{}), n - i);
            }
        }
    }
}
