// Memory on 64-byte boundaries: lines of cache, and vectors of every level.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace lamina {

class AlignedFloats {
  public:
    AlignedFloats() = default;
    explicit AlignedFloats(std::size_t n) { reserve(n); }

    // At least n floats; what they held is lost when that takes new memory.
    void reserve(std::size_t n) {
        if (size_ >= n) return;
        size_ = 0;
        data_.reset(static_cast<float*>(::operator new(n * sizeof(float), alignment)));
        size_ = n;
    }
    float* data() const { return data_.get(); }
    std::size_t size() const { return size_; }

  private:
    static constexpr std::align_val_t alignment{64};
    struct Free {
        void operator()(float* p) const { ::operator delete(p, alignment); }
    };

    std::unique_ptr<float, Free> data_;
    std::size_t size_ = 0;
};

}  // namespace lamina
