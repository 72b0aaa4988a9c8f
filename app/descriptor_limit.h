#pragma once

namespace hintd::app {

// Raises this process's limit on open files as far as it may, and answers for how many clients,
// each with a server connection, that leaves room beside all else.
int clients_that_fit();

}  // namespace hintd::app
