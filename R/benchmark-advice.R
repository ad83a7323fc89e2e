# What follows from a scaling study, in words. Ratios come from pairs of runs of the same turn, never from times of
# another call.

# Sentences, from the runs with the most iterations. `table`: the summary's; `reference`: one of another call, which
# counts only where the study has none of its own.
recommend_threads <- function(object, table, reference) {
  iter <- max(table$iter)
  runs <- timed_rows(object, "grid")
  runs <- runs[runs$iter == iter, ]
  own <- timed_rows(attr(object, "reference"), "reference")
  plain <- if (any(own$iter == iter)) own[own$iter == iter, ] else timed_rows(reference, "reference")
  # The given one may have other iterations.
  plain <- plain[which.min(abs(plain$iter - iter)), ]
  limits <- timed_rows(attr(object, "independent"), "independent")
  limits <- limits[limits$iter == iter & limits$cores <= usable_of(object), ]
  limits$allowed <- lapply(seq_len(nrow(limits)), function(i) ratio_of(plain, limits[i, ]))
  c(
    doubtful_length(table),
    doubtful_reference(own, reference),
    say_chunks(runs),
    say_plain(runs, plain),
    say_machine(limits),
    say_cores(runs[runs$cores <= usable_of(object), ], plain, limits)
  )
}

# A data frame of iter, cores, grainsize, chunks (NA where that says nothing), us (per leapfrog step) and turns, a list
# of the fastest run of each turn, empty where unknown. No rows for NULL.
timed_rows <- function(x, part) {
  n <- NROW(x)
  out <- data.frame(
    iter = as.double(as.character(x$iter)), cores = if (part == "reference") rep(1, n) else as.double(x$cores),
    grainsize = if (part == "grid") as.double(as.character(x$grainsize)) else rep(NA_real_, n),
    chunks = if (part == "grid") attr(x, "study")$chunks else rep(NA_real_, n),
    us = 1e6 * as.double(x$runtime) / as.double(x$num_leapfrog)
  )
  turns <- attr(x, "turns")
  out$turns <- if (length(turns) == n) turns else rep(list(numeric(0)), n)
  out
}

# a over b, one row each, as paired_ratio(); where they were timed in turns of different calls, of their medians. NA
# without rows.
ratio_of <- function(a, b) {
  if (nrow(a) == 0 || nrow(b) == 0) {
    return(plain_ratio(NA_real_, 1))
  }
  paired <- length(a$turns[[1]]) > 0 && length(b$turns[[1]]) > 0
  if (paired) paired_ratio(a$turns[[1]], b$turns[[1]]) else plain_ratio(a$us, b$us)
}

percent <- function(ratio) paste0(formatC(100 * abs(ratio - 1), digits = 1, format = "f"), "%")

signed_percent <- function(ratio) paste0(if (ratio < 0.9995) "-" else "+", percent(ratio))

# ", 95% interval 1.4 to 1.6", or nothing where there is none.
interval_text <- function(ratio, format = two_digits) {
  if (is.na(ratio[["lower"]])) {
    return("")
  }
  paste0(", 95% interval ", range_text(ratio, format))
}

range_text <- function(ratio, format = two_digits) paste(format(ratio[["lower"]]), "to", format(ratio[["upper"]]))

two_digits <- function(x) formatC(x, digits = 2, format = "f")

times_text <- function(ratio) paste0(signif(ratio[["ratio"]], 3), " times")

# Quartiles of a quiet machine's times lie within a few per cent.
doubtful_spread <- function(spread) {
  ratio <- stats::median(spread$upper / spread$lower)
  if (ratio < 1.25) {
    return(NULL)
  }
  paste0(
    "The machine was busy: quartiles of the same run are ", percent(ratio),
    " apart. Whatever follows from these times is better measured again."
  )
}

# Runs are long enough when twice as many iterations cost as much per step.
doubtful_length <- function(table) {
  if (length(unique(table$iter)) < 2) {
    return(NULL)
  }
  by_iter <- stats::aggregate(us_per_leapfrog ~ iter, table, stats::median)
  by_iter <- by_iter[order(-by_iter$iter), ]
  ratio <- by_iter$us_per_leapfrog[2] / by_iter$us_per_leapfrog[1]
  if (abs(log(ratio)) < log(1.1)) {
    return(NULL)
  }
  paste0(
    "Runs of ", by_iter$iter[2], " and of ", by_iter$iter[1], " iterations differ by ", percent(ratio),
    " per leapfrog step: the times are not to be trusted yet. Measure longer runs, on a quiet machine."
  )
}

# A reference of another call met another moment of the machine.
doubtful_reference <- function(own, reference) {
  given <- timed_rows(reference, "reference")
  ratio <- stats::median(given$us / own$us[match(given$iter, own$iter)], na.rm = TRUE)
  if (is.na(ratio) || abs(log(ratio)) < log(1.1)) {
    return(NULL)
  }
  paste0(
    "The reference given is ", percent(ratio), if (ratio > 1) " slower" else " faster",
    " than the plain loop that was timed in turns with these runs; the latter counts here."
  )
}

say_chunks <- function(runs) {
  fewest_cores <- runs[runs$cores == min(runs$cores), ]
  if (length(unique(fewest_cores$chunks)) < 2) {
    return(NULL)
  }
  most <- fewest_cores[which.max(fewest_cores$chunks), ]
  fewest <- fewest_cores[which.min(fewest_cores$chunks), ]
  slowdown <- ratio_of(most, fewest)
  paste0(
    "Cutting the rows into ", most$chunks, " chunks instead of ", fewest$chunks, " ", cost_words(slowdown), " (",
    signed_percent(slowdown[["ratio"]]), " per leapfrog step on ", count_of(most$cores, "core"),
    interval_text(slowdown, signed_percent), ")."
  )
}

# No more is claimed than the interval bears out.
cost_words <- function(slowdown) {
  if (slowdown[["ratio"]] < 1.02) {
    unsure <- isTRUE(slowdown[["upper"]] > 1.05)
    return(if (unsure) "costs nothing that these times can show" else "costs next to nothing")
  }
  if (isTRUE(slowdown[["lower"]] < 1)) "seems to cost" else "costs"
}

say_plain <- function(runs, plain) {
  single <- runs[runs$cores == 1, ]
  single <- single[which.min(single$us), ]
  if (nrow(plain) == 0 || nrow(single) == 0) {
    return(NULL)
  }
  ratio <- ratio_of(single, plain)
  paste0(
    "Threads switched on, one core takes ", signif(single$us, 3), " us per leapfrog step; the plain loop takes ",
    signif(plain$us, 3), " us (", signed_percent(ratio[["ratio"]]), interval_text(ratio, signed_percent), ")."
  )
}

# Where as many runs at once as cores, which share nothing, fall short of the cores by a fifth, no thread can do better.
say_machine <- function(limits) {
  below <- vapply(seq_len(nrow(limits)), function(i) {
    ratio <- limits$allowed[[i]]
    isTRUE(ratio[["ratio"]] < 0.8 * limits$cores[i]) && !isTRUE(ratio[["upper"]] > 0.9 * limits$cores[i])
  }, NA)
  short <- limits[below, ]
  if (nrow(short) == 0) {
    return(NULL)
  }
  most <- short[which.max(short$cores), ]
  ratio <- most$allowed[[1]]
  paste0(
    most$cores, " independent runs at once went at only ", times_text(ratio), " the speed of one",
    interval_text(ratio), ": these cores share hardware, or other programs use them. Threads cannot gain more than ",
    "that, nor can chains."
  )
}

# The fewest cores that come within 5 % of the fastest, if they gain 10 % at least over one thread and the plain loop.
say_cores <- function(runs, plain, limits) {
  best <- do.call(rbind, lapply(split(runs, runs$cores), function(x) x[which.min(x$us), ]))
  single <- rbind(plain, best[best$cores == 1, ])
  if (NROW(best) < 2 || nrow(single) == 0) {
    return(NULL)
  }
  fastest <- best[which.min(best$us), ]
  behind <- vapply(seq_len(nrow(best)), function(i) ratio_of(best[i, ], fastest)[["ratio"]], 0)
  chosen <- best[which(behind <= 1.05)[1], ]
  several <- best[best$cores > 1, ]
  best_of_several <- if (chosen$cores > 1) chosen else several[which.min(several$us), ]
  speedup <- ratio_of(single[which.min(single$us), ], best_of_several)
  pays <- chosen$cores > 1 && speedup[["ratio"]] >= 1.1
  c(
    if (pays) say_use(chosen, runs, speedup, limits) else say_leave(speedup, best_of_several),
    if (isTRUE(speedup[["lower"]] < 1.1 && speedup[["upper"]] > 1.1)) {
      paste0(
        "The times scatter too much to be sure of that (", range_text(speedup),
        " times as fast): measure again on a quiet machine."
      )
    }
  )
}

say_leave <- function(speedup, best) {
  paste0(
    "Threads do not pay for this model here (", best$cores, " of them are ", times_text(speedup), " as fast as one ",
    "core", interval_text(speedup), "): leave them off and give cores to chains (cores = chains)."
  )
}

say_use <- function(chosen, runs, speedup, limits) {
  limit <- limits$allowed[limits$cores == chosen$cores]
  known <- length(limit) > 0 && !is.na(limit[[1]][["ratio"]])
  allowed <- if (known) limit[[1]][["ratio"]] else chosen$cores
  share <- paste0(round(100 * speedup[["ratio"]] / allowed), "% of what ", chosen$cores)
  gain <- if (known) paste0(" independent runs at once gain (", times_text(limit[[1]]), ").") else " cores could give."
  c(
    paste0(
      "Use threads = ", say_threading(chosen, runs), ": ", times_text(speedup), " as fast as one core",
      interval_text(speedup), "; ", share, gain
    ),
    if (speedup[["ratio"]] < 0.75 * allowed) {
      "As long as chains are waiting for cores, give cores to chains first: those lose less."
    }
  )
}

# Grainsize is named only where it matters by more than 5 %.
say_threading <- function(chosen, runs) {
  same <- runs[runs$cores == chosen$cores, ]
  slowest <- same[which.max(same$us), ]
  if (ratio_of(slowest, chosen)[["ratio"]] <= 1.05) {
    return(paste0("threading(", chosen$cores, ")"))
  }
  paste0("threading(", chosen$cores, ", grainsize = ", format(chosen$grainsize, scientific = FALSE), ")")
}
