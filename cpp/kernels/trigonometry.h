// sin, cos, tan and their inverses, in double.

// x = n pi / 2 + rest; the quadrant is n, of which the last two bits count.
struct Angle {
    Int64 quadrant;
    Double rest;
};

// For one |x| >= 2^20: the product of its 24 digits with those digits of 2 / pi that do not only
// give multiples of 4 (Payne and Hanek, 1983).
inline void reduce_large(double x, std::int64_t& quadrant, double& rest) {
    static constexpr std::uint32_t two_over_pi[] = {0,          0xa2f9836e, 0x4e441529, 0xfc2757d1,
                                                    0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};
    const float size = __builtin_fabsf(static_cast<float>(x));
    std::uint32_t bits;
    __builtin_memcpy(&bits, &size, sizeof bits);
    const std::uint64_t digits = (bits & 0x007fffff) | 0x00800000;
    const std::uint32_t start = (bits >> 23) - 150 - 2 + 32;  // the first digit that counts
    const std::uint32_t shift = start % 32;
    const std::uint32_t* const word = two_over_pi + start / 32;
    const auto part = [=](std::size_t i) {
        const std::uint64_t both = std::uint64_t{word[i]} << 32 | word[i + 1];
        return both << shift >> 32;
    };
    const std::uint64_t high = (part(0) << 32 | part(1)) * digits + (part(2) * digits >> 32);
    const std::uint64_t n = (high + (std::uint64_t{1} << 61)) >> 62;
    const double sign = x < 0 ? -1 : 1;
    quadrant = x < 0 ? -static_cast<std::int64_t>(n) : static_cast<std::int64_t>(n);
    rest = sign * static_cast<double>(static_cast<std::int64_t>(high - (n << 62))) *
           (0x1p-62 * (pi / 2));
}

inline Angle reduce(Double x) {
    constexpr double round = 0x1.8p52;
    const Double shifted = x * (2 / pi) + round;
    const Double n = shifted - round;
    // pi / 2 in parts of 33 digits, whose products with n are exact
    const Double rest =
        ((x - n * 0x1.921fb544p0) - n * 0x1.0b4611a6p-34) - n * 0x1.3198a2e037073p-69;
    Angle angle{(Int64)shifted, rest};
    for (std::size_t i = 0; i < width / 2; ++i)
        if (!(__builtin_fabs(x[i]) < 0x1p20)) {
            std::int64_t quadrant = 0;
            double own = not_a_number;
            if (__builtin_fabs(x[i]) < infinite) reduce_large(x[i], quadrant, own);
            angle.quadrant[i] = quadrant;
            angle.rest[i] = own;
        }
    return angle;
}

// Taylor's series, for |x| <= pi / 4
inline Double sin_of_rest(Double x) {
    const Double s = x * x;
    return x * horner(s, 1.0, -1.0 / 6, 1.0 / 120, -1.0 / 5040, 1.0 / 362880, -1.0 / 39916800);
}
inline Double cos_of_rest(Double x) {
    return horner(x * x, 1.0, -1.0 / 2, 1.0 / 24, -1.0 / 720, 1.0 / 40320, -1.0 / 3628800,
                  1.0 / 479001600);
}

// The sine of an angle that is so many quadrants further.
inline Double sin_of(const Angle& angle, std::int64_t further) {
    const Int64 quadrant = angle.quadrant + further;
    const Double y = select((quadrant & 1) != 0, cos_of_rest(angle.rest), sin_of_rest(angle.rest));
    return select((quadrant & 2) != 0, -y, y);
}

inline Vec sin(Vec x) {
    return in_double([](Double a) { return sin_of(reduce(a), 0); }, x);
}
inline Vec cos(Vec x) {
    return in_double([](Double a) { return sin_of(reduce(a), 1); }, x);
}
inline Vec tan(Vec x) {
    const auto f = [](Double a) {
        const Angle angle = reduce(a);
        return sin_of(angle, 0) / sin_of(angle, 1);
    };
    return in_double(f, x);
}

// For x >= 0, infinity among them.
inline Double arctan_of_positive(Double x) {
    const Int64 large = x > 1.0;
    const Double t = select(large, 1.0 / x, x);
    const Int64 above = t > 0.41421356237309503;  // tan(pi / 8)
    const Double u = select(above, (t - 1.0) / (t + 1.0), t);
    const Double s = u * u;
    Double y = u * horner(s, 1.0, -1.0 / 3, 1.0 / 5, -1.0 / 7, 1.0 / 9, -1.0 / 11, 1.0 / 13,
                          -1.0 / 15, 1.0 / 17, -1.0 / 19, 1.0 / 21, -1.0 / 23);
    y = select(above, pi / 4 + y, y);
    return select(large, pi / 2 - y, y);
}

inline Vec arctan(Vec x) {
    return in_double([](Double a) { return copy_sign(arctan_of_positive(abs(a)), a); }, x);
}
inline Vec arcsin(Vec x) {
    const auto f = [](Double a) {
        const Double size = abs(a);
        return copy_sign(arctan_of_positive(size / sqrt((1.0 - size) * (1.0 + size))), a);
    };
    return in_double(f, x);
}
inline Vec arccos(Vec x) {
    return in_double([](Double a) { return 2.0 * arctan_of_positive(sqrt((1.0 - a) / (1.0 + a))); },
                     x);
}

// The angle of the point (x, y), as C's atan2.
inline Vec arctan2(Vec y, Vec x) {
    const auto f = [](Double b, Double a) {
        const Double high = abs(b), wide = abs(a);
        const Int64 equal = (high == wide) & ((high == 0.0) | (high == infinite));
        const Double ratio =
            select(equal, select(high == 0.0, Double{}, constant(1.0)), high / wide);
        const Double angle = arctan_of_positive(ratio);
        const Int64 left = (Int64)a < 0;
        return copy_sign(select(left, pi - angle, angle), b);
    };
    const Vec angle = in_double(f, y, x);
    return select((x != x) | (y != y), broadcast(nan), angle);
}
