// What a thread's arithmetic does with denormal numbers.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lamina {

#if defined(__x86_64__)
inline std::uint64_t float_mode() { return _mm_getcsr(); }
inline void set_float_mode(std::uint64_t mode) { _mm_setcsr(static_cast<unsigned>(mode)); }
constexpr std::uint64_t denormals_are_zero = 0x8040;  // as operands, and as results
#elif defined(__aarch64__)
inline std::uint64_t float_mode() {
    std::uint64_t mode = 0;
    asm volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}
inline void set_float_mode(std::uint64_t mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }
constexpr std::uint64_t denormals_are_zero = 1u << 24;
#else
inline std::uint64_t float_mode() { return 0; }
inline void set_float_mode(std::uint64_t) {}
constexpr std::uint64_t denormals_are_zero = 0;
#endif

// The mode of this thread for as long as the object lives.
class WithFloatMode {
  public:
    explicit WithFloatMode(std::uint64_t mode) : before_(float_mode()) { set_float_mode(mode); }
    ~WithFloatMode() { set_float_mode(before_); }
    WithFloatMode(const WithFloatMode&) = delete;
    WithFloatMode& operator=(const WithFloatMode&) = delete;

  private:
    const std::uint64_t before_;
};

}  // namespace lamina
