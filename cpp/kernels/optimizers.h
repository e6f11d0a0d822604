// Weight updates.
// All is loaded before anything is stored: arrays often lie a multiple of 4096 bytes apart, and a
// load waits for a store that only seems to be to its address.

// step(s, i, count) for each vector, with a copy of s that no store can reach: it stays in
// registers.
template <auto step, typename State>
inline void update(const State& given, std::size_t n) {
    const State s = given;
    std::size_t i = 0;
    for (; i + width <= n; i += width) step(s, i, width);
    if (i < n) step(s, i, n - i);
}

// --- SGD --------------------------------------------------------------------------------------

template <bool momentum, bool nesterov>
inline void sgd_step(const kernel::SGD& s, std::size_t i, std::size_t count) {
    const Vec w = load(s.old_w + i, count), change = s.learning_rate * load(s.g + i, count);
    if constexpr (momentum) {
        const Vec keep = broadcast(s.momentum);
        const Vec m = fma(keep, load(s.old_m + i, count), -change);
        store(s.m + i, m, count);
        store(s.w + i, w + (nesterov ? fma(keep, m, -change) : m), count);
    } else {
        store(s.w + i, w - change, count);
    }
}

inline void sgd(const kernel::SGD& s, std::size_t n) {
    if (!s.m) return update<sgd_step<false, false>>(s, n);
    if (s.nesterov) return update<sgd_step<true, true>>(s, n);
    update<sgd_step<true, false>>(s, n);
}

// --- Adam -------------------------------------------------------------------------------------

template <bool amsgrad>
inline void adam_step(const kernel::Adam& s, std::size_t i, std::size_t count) {
    const Vec g = load(s.g + i, count), w = load(s.old_w + i, count);
    const Vec old_m = load(s.old_m + i, count), old_v = load(s.old_v + i, count);
    const Vec m = fma(g - old_m, broadcast(s.rest_1), old_m);
    const Vec v = fma(fma(g, g, -old_v), broadcast(s.rest_2), old_v);
    Vec spread = v;
    if constexpr (amsgrad) {
        spread = maximum(load(s.old_v_hat + i, count), v);
        store(s.v_hat + i, spread, count);
    }
    store(s.m + i, m, count);
    store(s.v + i, v, count);
    Vec step = s.rate * m;
    // Weights of inputs that were always 0: 0 over a positive number.
    if (!all((step == 0.0f) & (spread >= 0.0f) & (spread + s.epsilon > 0.0f)))
        step = step / (sqrt(spread) + s.epsilon);
    store(s.w + i, w - step, count);
}

inline void adam(const kernel::Adam& s, std::size_t n) {
    if (s.v_hat) return update<adam_step<true>>(s, n);
    update<adam_step<false>>(s, n);
}

// --- RMSprop ----------------------------------------------------------------------------------

// a / sqrt(b).  Weights of inputs that are 0 in a whole batch have gradients of 0: where a vector
// has nothing else, the quotients are known.
inline Vec over_root(Vec a, Vec b) {
    if (all((a == 0.0f) & (b > 0.0f))) return a;
    return a / sqrt(b);
}

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

inline void rmsprop(const kernel::RMSprop& s, std::size_t n) {
    if (s.m && s.mean) return update<rmsprop_step<true, true>>(s, n);
    if (s.m) return update<rmsprop_step<true, false>>(s, n);
    if (s.mean) return update<rmsprop_step<false, true>>(s, n);
    update<rmsprop_step<false, false>>(s, n);
}
