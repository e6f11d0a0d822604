// Weight updates.

template <bool momentum, bool centered>
inline void rmsprop_step(const kernel::RMSprop& s, std::size_t i, std::size_t count) {
    const Vec g = load(s.g + i, count);
    const Vec rest = broadcast(s.rest);
    const Vec v = fma(broadcast(s.rho), load(s.old_v + i, count), rest * (g * g));
    store(s.v + i, v, count);
    Vec variance = v;
    if constexpr (centered) {
        const Vec mean = fma(broadcast(s.rho), load(s.old_mean + i, count), rest * g);
        store(s.mean + i, mean, count);
        variance = fma(-mean, mean, v);
    }
    Vec step = s.learning_rate * g / sqrt(variance + s.epsilon);
    if constexpr (momentum) {
        step = fma(broadcast(s.momentum), load(s.old_m + i, count), step);
        store(s.m + i, step, count);
    }
    store(s.w + i, load(s.old_w + i, count) - step, count);
}

template <bool momentum, bool centered>
inline void rmsprop_of(const kernel::RMSprop& s, std::size_t n) {
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
