// From the exceptions of libtorch to models/failure.h.
#include <c10/util/Exception.h>

#include <new>

#include "models/failure.h"

namespace pdf2md::models {

Error classify_current_exception() {
  try {
    throw;
  } catch (const c10::OutOfMemoryError& problem) {
    return classify({problem.what_without_backtrace(), true, 0});
  } catch (const c10::AcceleratorError& problem) {
    return classify({problem.what_without_backtrace(), false, problem.get_error_code()});
  } catch (const c10::Error& problem) {
    return classify({problem.what_without_backtrace(), false, 0});
  } catch (const std::bad_alloc& problem) {
    return classify({problem.what(), true, 0});
  } catch (const std::exception& problem) {
    return classify({problem.what(), false, 0});
  } catch (...) {
    return classify({"an unknown exception", false, 0});
  }
}

}  // namespace pdf2md::models
