# threads = "auto": how many threads and how large tasks, from cores, chains, rows and what a row costs.

# A thread must find this much of one gradient to do: helpers come and go in some 3 microseconds (toy model of
# ?simulate_toy_poisson on 2 cores: 5000 rows, 9 us, gain 20 % by the second thread; 2000 rows, 4 us, lose 10 %).
auto_thread_us <- 5

# Much longer than claiming a task takes, short enough that the last one is not waited for: the core's own choice for
# the rows it was tuned on (parallel/reduce_sum.hpp), carried over to rows of another cost.
auto_task_us <- 0.75

# `run` with numbers in place of "auto". time_gradient() returns microseconds of one gradient by the plain loop.
resolve_threads <- function(run, density, n_rows, quiet, time_gradient = time_one_gradient) {
  if (!identical(run$threads$threads, "auto")) {
    return(run)
  }
  at_once <- max(1, min(run$cores, run$chains))
  cores <- max(1, usable_cores() %/% at_once)
  choice <- choose_threads(time_gradient(density), n_rows, cores)
  if (is.null(run$threads$grainsize)) run$threads["grainsize"] <- list(choice$grainsize)
  run$threads["threads"] <- list(choice$threads)
  if (!quiet) {
    what <- if (is.null(choice$threads)) "no threads" else paste(count_of(choice$threads, "thread"), "per chain")
    skein_inform(
      "{.code threads = \"auto\"}: {what} ({signif(choice$us, 2)} us a gradient, {cores} core{?s} for each chain).",
      class = "skein_auto"
    )
  }
  run
}

# threads (NULL: the plain loop) and grainsize for a gradient of `us` microseconds over n_rows rows, on `cores` cores.
choose_threads <- function(us, n_rows, cores) {
  threads <- min(cores, floor(us / auto_thread_us))
  if (threads < 2) {
    return(list(threads = NULL, grainsize = NULL, us = us))
  }
  rows_per_task <- auto_task_us / us * n_rows
  list(threads = as.double(threads), grainsize = max(1, min(round(rows_per_task), n_rows %/% threads)), us = us)
}

time_one_gradient <- function(density) {
  position <- position_near_0(density_dimension(density))
  # The shortest: the first evaluations meet cold caches.
  min(benchmark_gradient_run(density, position, 0, 1, 0, 3, 0.003))
}

# Once a session: who asks for more threads than there are cores does so in every call.
told <- new.env(parent = emptyenv())

tell_oversubscribed <- function(run, quiet, usable = usable_cores()) {
  budget <- thread_budget(run$cores, run$chains, run$threads)
  wanted <- budget$cores * max(1, budget$threads)
  if (quiet || wanted <= usable || isTRUE(told$oversubscribed)) {
    return(invisible(FALSE))
  }
  told$oversubscribed <- TRUE
  what <- count_of(budget$cores, "chain")
  what <- if (budget$threads > 0) paste(what, "x", count_of(budget$threads, "thread")) else paste(what, "at a time")
  skein_inform(c(
    "{what} are more than the {usable} core{?s} of this machine: they will take turns.",
    i = "Draws do not depend on it. {.code threads = \"auto\"} fits threads to the machine."
  ), class = "skein_oversubscribed")
  invisible(TRUE)
}
