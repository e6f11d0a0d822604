// What a forked child must know: of the process's threads, only the one that forked is there.
#pragma once

#include <mutex>

namespace lamina {

bool forked_child();

// Held by whoever forks while it forks, so that in the child no absent thread holds it, and what it
// guards is whole.  For lists that many threads use: take it for an instant, and allocate outside.
std::mutex& held_over_forks();

}  // namespace lamina
