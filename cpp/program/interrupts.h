// Ctrl-C, for loops that run without Python.
#pragma once

namespace lamina {

// From here on, SIGINT is noted before it reaches the handler that is set now (Python's).
void watch_interrupts();
void end_watching_interrupts();

// Whether it came since the last call of `forget_interrupt`: loops end with the step they are at.
bool interrupted();
void forget_interrupt();

}  // namespace lamina
