#include "kernels/dispatch.h"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

namespace lamina {

#if defined(__x86_64__)
namespace v4 {
extern const Kernels table;
}
namespace v3 {
extern const Kernels table;
}
#endif
namespace baseline {
extern const Kernels table;
}

namespace {

std::vector<const Kernels*> available() {
    std::vector<const Kernels*> tables;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool has_v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                        __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
#if defined(LAMINA_EMULATE_V4)
    const bool has_v4 = false;  // to be chosen by name, after v3
#else
    const bool has_v4 = has_v3 && __builtin_cpu_supports("avx512f") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
#endif
    if (has_v4) tables.push_back(&v4::table);
    if (has_v3) tables.push_back(&v3::table);
#if defined(LAMINA_EMULATE_V4)
    if (has_v3) tables.push_back(&v4::table);
#endif
#endif
    tables.push_back(&baseline::table);
    return tables;
}

const Kernels* find(const std::string& name, const char* source) {
    std::string names;
    for (const Kernels* table : available()) {
        if (name == table->level) return table;
        names += (names.empty() ? "" : ", ") + std::string(table->level);
    }
    throw std::invalid_argument(std::string(source) + " must be a level this CPU can run, one of " +
                                names + ". Received: " + name);
}

const Kernels* initial() {
    const char* name = std::getenv("LAMINA_LEVEL");
    return name && *name ? find(name, "LAMINA_LEVEL") : available().front();
}

std::atomic<const Kernels*>& current() {
    static std::atomic<const Kernels*> table{initial()};
    return table;
}

}  // namespace

const Kernels& kernels() { return *current().load(std::memory_order_relaxed); }

const char* level() { return kernels().level; }

std::vector<std::string> available_levels() {
    std::vector<std::string> names;
    for (const Kernels* table : available()) names.emplace_back(table->level);
    return names;
}

void set_level(const char* name) { current().store(find(name, "level")); }

}  // namespace lamina
