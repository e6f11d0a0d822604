// How many threads: what the process may use, and what the user said.
#include "ops/parallel.h"

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

#include <algorithm>
#include <atomic>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace lamina {

namespace {

// OpenMP's threads do not survive a fork, and waiting for them would never end.
std::atomic<bool> forked{false};
std::atomic<int> chosen{0};

int affinity() {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

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

// OpenMP itself warns of a bad OMP_NUM_THREADS, which may be a list; its first number counts.
int omp_limit() {
    const char* text = std::getenv("OMP_NUM_THREADS");
    const int n = text ? std::atoi(text) : 0;
    return n >= 1 ? n : INT_MAX;
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

int default_threads() {
    static const int n = std::min({affinity(), cgroup_quota(), omp_limit(), lamina_limit()});
    return n;
}

void watch_forks() {
#if defined(__linux__)
    static const int registered = pthread_atfork(nullptr, nullptr, [] { forked = true; });
    static_cast<void>(registered);
#endif
}

}  // namespace

int num_threads() {
    watch_forks();
    if (forked.load(std::memory_order_relaxed)) return 1;
    const int n = chosen.load(std::memory_order_relaxed);
    return n > 0 ? n : default_threads();
}

void set_num_threads(int n) {
    if (n < 0)
        throw std::invalid_argument("n must be at least 1, or 0 for the default. Received: n=" +
                                    std::to_string(n));
    chosen = n;
}

}  // namespace lamina
