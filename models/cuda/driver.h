// The parts of CUDA's driver that are used, found at run time: they are stable, and a machine
// without a GPU has none of them.
#pragma once

#include <cstddef>

namespace pdf2md::models::cuda {

// As cuda.h declares them. Every function returns 0 for success.
struct Driver {
  int (*start)(unsigned flags);
  int (*device)(int* device, int number);
  int (*attribute)(int* value, int which, int device);
  int (*set_context_flags)(int device, unsigned flags);
  int (*load)(void** module, const void* code);
  int (*unload)(void* module);
  int (*function)(void** function, void* module, const char* name);
  int (*launch)(void* function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                unsigned block_y, unsigned block_z, unsigned shared_bytes, void* stream,
                void** arguments, void** extra);
  int (*make_event)(void** event, unsigned flags);
  int (*record_event)(void* event, void* stream);
  int (*wait_for_event)(void* event);
  int (*destroy_event)(void* event);
  int (*error_text)(int code, const char** text);
};

// Throws c10::Error where there is no driver.
const Driver& driver();

// Throws c10::Error with the driver's words unless `code` is 0. `what`: what was being done.
void check(int code, const char* what);

// Sets `function` to what `name` is in a library that dlopen opened. Throws c10::Error.
void* resolve(void* library, const char* name);
template <class Function>
void resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(resolve(library, name));
}

// Threads that wait for the device sleep, where they would spin: readers need the processors. Before
// the context is made. Throws c10::Error.
void sleep_while_waiting(int device);

}  // namespace pdf2md::models::cuda
