// Arrays that belong to one worker each.
#ifndef SKEIN_PARALLEL_WORKER_MEMORY_HPP
#define SKEIN_PARALLEL_WORKER_MEMORY_HPP

#include <cstddef>
#include <limits>
#include <new>

#include "spin.hpp"

namespace skein {
namespace parallel {

// One array per worker, apart from the other workers' and, where it is not initialised, touched first by its worker.
template <class T>
class WorkerMemory {
 public:
  WorkerMemory(std::size_t n_workers, std::size_t size) : stride_((size + line_ - 1) / line_ * line_) {
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / 2;
    if (size > most / sizeof(T) / n_workers) throw std::bad_alloc();
    start_ = static_cast<T*>(::operator new(stride_* n_workers * sizeof(T), std::align_val_t(cache_line)));
  }
  ~WorkerMemory() { ::operator delete(start_, std::align_val_t(cache_line)); }
  WorkerMemory(const WorkerMemory&) = delete;
  WorkerMemory& operator=(const WorkerMemory&) = delete;

  T* of(std::size_t worker) { return start_ + worker * stride_; }

 private:
  static constexpr std::size_t line_ = cache_line / sizeof(T);
  std::size_t stride_;
  T* start_ = nullptr;
};

}  // namespace parallel
}  // namespace skein

#endif
