#include "core/deep_stack.h"

#include <pthread.h>

#include <cstring>
#include <string>

namespace hintd {
namespace {

void* call(void* work) {
  (*static_cast<const std::function<void()>*>(work))();
  return nullptr;
}

}  // namespace

Status on_stack_of(std::size_t bytes, const std::function<void()>& work) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  int failed = pthread_attr_setstacksize(&attributes, bytes);
  pthread_t thread{};
  if (failed == 0)
    failed = pthread_create(&thread, &attributes, call,
                            const_cast<std::function<void()>*>(&work));  // call() takes it back
  pthread_attr_destroy(&attributes);
  if (failed != 0)
    return fail(
        ErrorKind::kExhausted,
        "no thread with a stack of " + std::to_string(bytes) + " bytes: " + std::strerror(failed),
        "raise the limit on memory or threads");
  pthread_join(thread, nullptr);
  return {};
}

}  // namespace hintd
