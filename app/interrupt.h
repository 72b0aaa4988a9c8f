// Ctrl-C and SIGTERM, as a flag that long work asks for. A second signal ends the program at once.
#pragma once

namespace hintd::app {

// From here on SIGINT and SIGTERM only set the flag.
void catch_interrupts();
bool interrupted();

}  // namespace hintd::app
