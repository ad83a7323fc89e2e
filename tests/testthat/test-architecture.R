# The core's include arrows, its freedom from R, and the size of files, read from the sources.

core_files <- function() {
  root <- system.file("include", "skein", package = "skein")
  files <- list.files(root, pattern = "\\.(hpp|inc)$", recursive = TRUE)
  data.frame(path = file.path(root, files), file = files, room = ifelse(grepl("/", files), dirname(files), "density"))
}

# Rooms that each room may include, besides itself and the standard library.
arrows <- list(
  density = character(),
  util = character(),
  simd = character(),
  parallel = "util",
  transform = c("simd", "util"),
  term = c("simd", "util"),
  family = c("simd", "util"),
  prior = c("simd", "util"),
  reduction = c("simd", "util", "term", "family"),
  expression = c("density", "parallel", "simd", "util", "family", "prior", "transform", "reduction"),
  regression = c(
    "density", "parallel", "simd", "util", "transform", "term", "family", "prior", "reduction", "expression"
  ),
  prediction = c("parallel", "simd", "util", "family", "regression"),
  kernel = c("density", "simd", "util"),
  adapt = c("kernel", "density", "simd", "util"),
  run = c("kernel", "adapt", "density", "parallel", "simd", "util")
)

included <- function(path) {
  lines <- grep("^\\s*#\\s*include", readLines(path), value = TRUE)
  sub(".*[<\"]([^>\"]+)[>\"].*", "\\1", lines)
}

# The room that an include of `file` leads to, NA outside the core.
room_of <- function(include, file) {
  if (startsWith(include, "skein/")) {
    inside <- sub("^skein/", "", include)
  } else if (grepl("\\.(hpp|inc)$", include)) {
    parts <- strsplit(file.path(dirname(file), include), "/")[[1]]
    while (any(up <- parts == "..")) {
      at <- which(up)[1]
      parts <- parts[-c(at - 1L, at)]
    }
    inside <- paste(parts[parts != "."], collapse = "/")
  } else {
    return(NA_character_)
  }
  if (grepl("/", inside)) dirname(inside) else "density"
}

test_that("the core's includes follow the arrows", {
  files <- core_files()
  expect_gt(nrow(files), 30)
  for (i in seq_len(nrow(files))) {
    if (files$file[i] == "skein.hpp") next
    rooms <- vapply(included(files$path[i]), room_of, "", file = files$file[i])
    wrong <- setdiff(rooms[!is.na(rooms)], c(files$room[i], arrows[[files$room[i]]]))
    expect(length(wrong) == 0L, paste(files$file[i], "includes", paste(wrong, collapse = ", ")))
  }
})

test_that("the core knows no R, and only one of its files TBB", {
  files <- core_files()
  for (i in seq_len(nrow(files))) {
    includes <- included(files$path[i])
    expect_false(any(grepl("^(R|Rinternals|Rmath|Rcpp|RcppEigen|RcppParallel)(\\.h|/)", includes)),
      info = files$file[i])
    if (any(grepl("^tbb/", includes))) expect_identical(files$file[i], "parallel/launcher_tbb.hpp")
  }
})

test_that("no file of the core is long", {
  files <- core_files()
  lines <- vapply(files$path, function(path) length(readLines(path)), 0L)
  expect_true(all(lines <= 600), info = paste(files$file[lines > 600], collapse = ", "))
})

test_that("rooms are known", {
  expect_setequal(setdiff(unique(core_files()$room), names(arrows)), character())
})
