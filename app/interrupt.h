// Ctrl-C, SIGTERM and a terminal that closes (SIGHUP), as a flag that long work asks for. A second
// signal ends the program at once.
#pragma once

namespace hintd::app {

// From here on these signals only set the flag.
void catch_interrupts();
bool interrupted();

}  // namespace hintd::app
