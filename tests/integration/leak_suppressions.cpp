// libpqxx 6.4 loses one small result when a server goes away in the middle of a statement.
extern "C" const char* __lsan_default_suppressions();

extern "C" const char* __lsan_default_suppressions() {
  return "leak:libpqxx";
}
