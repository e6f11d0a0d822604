// Weight updates.

// a / sqrt(b).  Weights of inputs that are 0 in a whole batch have gradients of 0: where a vector
// has nothing else, the quotients are known.
inline Vec over_root(Vec a, Vec b) {
    if (all((a == 0.0f) & (b > 0.0f))) return a;
    return a / sqrt(b);
}

// All is loaded before anything is stored: arrays often lie a multiple of 4096 bytes apart, and a
// load waits for a store that only seems to be to its address.
template <bool momentum, bool centered>
inline void rmsprop_step(const kernel::RMSprop& s, std::size_t i, std::size_t count) {
    const Vec g = load(s.g + i, count), w = load(s.old_w + i, count);
    const Vec rho = broadcast(s.rho), rest = broadcast(s.rest);
    const Vec v = fma(rho, load(s.old_v + i, count), rest * (g * g));
    Vec mean{}, variance = v;
    if constexpr (centered) {
        mean = fma(rho, load(s.old_mean + i, count), rest * g);
        variance = fma(-mean, mean, v);
    }
    Vec step = over_root(s.learning_rate * g, variance + s.epsilon);
    if constexpr (momentum) step = fma(broadcast(s.momentum), load(s.old_m + i, count), step);
    store(s.v + i, v, count);
    if constexpr (centered) store(s.mean + i, mean, count);
    if constexpr (momentum) store(s.m + i, step, count);
    store(s.w + i, w - step, count);
}

template <bool momentum, bool centered>
inline void rmsprop_of(const kernel::RMSprop& given, std::size_t n) {
    const kernel::RMSprop s = given;  // no store can reach it: it stays in registers
    std::size_t i = 0;
    for (; i + width <= n; i += width) rmsprop_step<momentum, centered>(s, i, width);
    if (i < n) rmsprop_step<momentum, centered>(s, i, n - i);
}

inline void rmsprop(const kernel::RMSprop& s, std::size_t n) {
    if (s.m && s.mean) return rmsprop_of<true, true>(s, n);
    if (s.m) return rmsprop_of<true, false>(s, n);
    if (s.mean) return rmsprop_of<false, true>(s, n);
    rmsprop_of<false, false>(s, n);
}
