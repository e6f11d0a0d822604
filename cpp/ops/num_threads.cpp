// How many threads: what the process may use, and what the user said.
#include <algorithm>
#include <atomic>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

#include "ops/forks.h"
#include "ops/parallel.h"

namespace lamina {

namespace {

std::atomic<int> chosen{0};

int threads_of_quota(double quota, double period) {
    return quota > 0 && period > 0 ? std::max(1, static_cast<int>(std::ceil(quota / period)))
                                   : INT_MAX;
}

// cgroup v2: cpu.max is "quota period", or "max period" where there is no limit.
int quota_v2(const std::string& folder) {
    std::ifstream file(folder + "/cpu.max");
    double quota = 0, period = 0;
    return file >> quota >> period ? threads_of_quota(quota, period) : INT_MAX;
}

int quota_v1(const std::string& folder) {
    std::ifstream quota_file(folder + "/cpu.cfs_quota_us"),
        period_file(folder + "/cpu.cfs_period_us");
    double quota = 0, period = 0;
    return quota_file >> quota && period_file >> period ? threads_of_quota(quota, period) : INT_MAX;
}

// The least quota of this process's group and the groups above it.
int cgroup_quota() {
    std::ifstream groups("/proc/self/cgroup");
    int threads = INT_MAX;
    for (std::string line; std::getline(groups, line);) {  // id:controllers:/path
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const bool v2 = controllers == ",,";
        if (!v2 && controllers.find(",cpu,") == std::string::npos) continue;
        const std::string root = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
        for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
            const std::string folder = root + path;
            threads = std::min(threads, v2 ? quota_v2(folder) : quota_v1(folder));
            if (path.rfind('/') == std::string::npos) break;
        }
    }
    return threads;
}

// A list counts by its first number; of anything else OpenMP itself warns, and ignores it.
int omp_limit() {
    const char* text = std::getenv("OMP_NUM_THREADS");
    if (!text) return INT_MAX;
    char* end = nullptr;
    const long n = std::strtol(text, &end, 10);
    end += std::strspn(end, " \t");
    return n >= 1 && (!*end || *end == ',') ? static_cast<int>(std::min<long>(n, INT_MAX))
                                            : INT_MAX;
}

int lamina_limit() {
    const char* text = std::getenv("LAMINA_NUM_THREADS");
    if (!text || !*text) return INT_MAX;
    char* end = nullptr;
    const long n = std::strtol(text, &end, 10);
    if (*end || n < 1)
        throw std::invalid_argument(
            "LAMINA_NUM_THREADS must be a whole number of at least 1. Received: " +
            std::string(text));
    return static_cast<int>(std::min<long>(n, INT_MAX));
}

int limit() {
    static const int n = std::min({cgroup_quota(), omp_limit(), lamina_limit()});
    return n;
}

}  // namespace

// Children are often forked one per processor: they use one thread unless told otherwise.
int detail::allowed_threads() {
    const bool child = forked_child();
    const int n = chosen.load(std::memory_order_relaxed);
    if (n > 0) return n;
    if (child || limit() == 1) return 1;
    return std::min(limit(), processors());
}

void set_num_threads(int n) {
    if (n < 0)
        throw std::invalid_argument("n must be at least 1, or 0 for the default. Received: n=" +
                                    std::to_string(n));
    chosen = n;
}

}  // namespace lamina
