#include "program/interrupts.h"

#include <atomic>

#if !defined(_WIN32)
#include <csignal>
#endif

namespace lamina {
namespace {

std::atomic<bool> came{false};

#if !defined(_WIN32)
struct sigaction before;

void note(int number, siginfo_t* info, void* context) {
    came.store(true, std::memory_order_relaxed);
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(number, info, context);
    else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
        before.sa_handler(number);
}

bool is_ours(const struct sigaction& action) {
    return (action.sa_flags & SA_SIGINFO) && action.sa_sigaction == note;
}
#endif

}  // namespace

void watch_interrupts() {
    came = false;
#if !defined(_WIN32)
    struct sigaction now {};
    if (sigaction(SIGINT, nullptr, &now) != 0 || is_ours(now)) return;
    before = now;
    now.sa_sigaction = note;
    now.sa_flags |= SA_SIGINFO;
    sigaction(SIGINT, &now, nullptr);
#endif
}

void end_watching_interrupts() {
    came = false;
#if !defined(_WIN32)
    struct sigaction now {};
    if (sigaction(SIGINT, nullptr, &now) == 0 && is_ours(now)) sigaction(SIGINT, &before, nullptr);
#endif
}

bool interrupted() { return came.load(std::memory_order_relaxed); }

void forget_interrupt() { came = false; }

}  // namespace lamina
