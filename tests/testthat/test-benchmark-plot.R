page <- function(..., type = "auto", reference = mock_reference()) {
  plot(mock_benchmark(...), reference, type, plot = FALSE)
}
layers_of <- function(figure, geom) {
  which(vapply(figure$layers, function(layer) inherits(layer$geom, geom), NA))
}
points_of <- function(figure) ggplot2::layer_data(figure, layers_of(figure, "GeomPoint"))

test_that("figures by chunks show slowdown and time per leapfrog step", {
  pages <- page(runtime = function(cores, grainsize, iter) 1e-3 * iter * 1000 / grainsize)
  expect_named(pages, c("slowdown", "leapfrog"))
  # Both axes are on the log2 scale.
  slowdown <- points_of(pages$slowdown)
  expect_equal(sort(unique(slowdown$y)), 0:2)
  leapfrog <- points_of(pages$leapfrog)
  expect_equal(sort(unique(2^leapfrog$y)), 1e3 * c(1, 2, 4) / 31)
  expect_identical(length(unique(leapfrog$colour)), 2L)
  lines <- ggplot2::layer_data(pages$leapfrog, layers_of(pages$leapfrog, "GeomHline"))
  expect_equal(2^lines$yintercept, rep(1e3 / 31, 2))
  expect_identical(unique(lines$linetype), 2)
  expect_setequal(lines$colour, leapfrog$colour)
})

test_that("figures by cores show runtime with the reference, and speedup in a square with the unity line", {
  pages <- page(cores = c(1, 2, 4), iter = 20)
  expect_named(pages, c("runtime", "speedup"))
  expect_equal(sort(unique(2^points_of(pages$runtime)$y)), c(0.005, 0.01, 0.02))
  lines <- ggplot2::layer_data(pages$runtime, layers_of(pages$runtime, "GeomHline"))
  expect_equal(2^lines$yintercept, 0.02)
  expect_equal(sort(unique(2^points_of(pages$speedup)$y)), c(1, 2, 4))
  unity <- ggplot2::layer_data(pages$speedup, layers_of(pages$speedup, "GeomAbline"))
  expect_identical(c(unity$slope, unity$intercept, unity$linetype), c(1, 0, 2))
  expect_s3_class(pages$speedup$coordinates, "CoordFixed")
  expect_identical(pages$speedup$coordinates$ratio, 1)
  expect_identical(pages$speedup$coordinates$limits$x, pages$speedup$coordinates$limits$y)
})

test_that("the study's own plain loop is drawn where no reference is given, and what independent runs gained", {
  pages <- page(cores = c(1, 2, 4), iter = 20, reference = NULL, plain = function(iter) 7e-4 * iter, allowed = sqrt)
  lines <- ggplot2::layer_data(pages$runtime, layers_of(pages$runtime, "GeomHline"))
  expect_equal(2^lines$yintercept, 0.014)
  paths <- vapply(pages$speedup$layers, function(layer) class(layer$geom)[1] == "GeomPath", NA)
  allowed <- ggplot2::layer_data(pages$speedup, which(paths))
  expect_equal(2^allowed$x, c(1, 2, 4))
  expect_equal(2^allowed$y, sqrt(c(1, 2, 4)))
  expect_match(pages$speedup$labels$subtitle, "grey: independent runs at once")
  alone <- mock_benchmark(cores = 1:2, iter = 20)
  attr(alone, "independent") <- attr(alone, "reference") <- NULL
  figures <- plot(alone, plot = FALSE)
  expect_no_match(figures$speedup$labels$subtitle, "grey")
  expect_length(layers_of(figures$runtime, "GeomHline"), 0)
})

test_that("bars reach from quartile to quartile", {
  pages <- page(cores = c(1, 2), iter = 20)
  for (name in c("runtime", "speedup")) {
    bars <- ggplot2::layer_data(pages[[name]], layers_of(pages[[name]], "GeomLinerange"))
    middle <- points_of(pages[[name]])$y
    ends <- if (name == "runtime") c(0.9, 1.1) else 1 / c(1.1, 0.9)
    expect_equal(2^(bars$ymin - middle), rep(ends[1], length(middle)))
    expect_equal(2^(bars$ymax - middle), rep(ends[2], length(middle)))
  }
})

test_that("physical cores are a dotted line and cores beyond the machine's are shaded", {
  figure <- page(cores = c(1, 2, 4, 8), iter = 20, usable = 4)$runtime
  dotted <- ggplot2::layer_data(figure, layers_of(figure, "GeomVline"))
  expect_identical(c(2^dotted$xintercept, dotted$linetype), c(4, 3))
  expect_length(layers_of(figure, "GeomCustomAnn"), 1)
  expect_match(figure$labels$subtitle, "shaded")
  within <- page(cores = c(1, 2), iter = 20, usable = 4)$runtime
  expect_length(c(layers_of(within, "GeomCustomAnn"), layers_of(within, "GeomVline")), 0)
  study <- mock_benchmark(cores = 1:2, iter = 20)
  attr(study, "study")$machine$physical <- NA_real_
  expect_length(layers_of(plot(study, plot = FALSE)$runtime, "GeomVline"), 0)
})

test_that("captions say machine, cores and rows", {
  for (figure in c(page(), page(cores = 1:2))) {
    expect_match(figure$labels$caption, "N = 1,000 rows, poisson.*Test Processor, 4 cores")
  }
})

test_that("several iterations are panels by cores; types can be asked for", {
  expect_identical(nrow(ggplot2::ggplot_build(page(cores = 1:2)$runtime)$layout$layout), 2L)
  expect_named(page(cores = 1:2, type = "chunks"), c("slowdown", "leapfrog"))
  expect_named(page(type = "cores"), c("runtime", "speedup"))
  expect_message(pages <- page(cores = c(2, 4), iter = 20), "needs runs on one core", class = "skein_no_speedup")
  expect_named(pages, "runtime")
})

test_that("a reference whose iterations became a factor is understood, one of other runs is left out", {
  reference <- transform(mock_reference(), iter = factor(iter))
  figure <- page(reference = reference)$leapfrog
  lines <- ggplot2::layer_data(figure, layers_of(figure, "GeomHline"))
  expect_equal(2^lines$yintercept, rep(1e3 / 31, 2))
  expect_message(pages <- page(reference = mock_reference(40)), "no runs of 10 and 20", class = "skein_reference")
  expect_length(layers_of(pages$leapfrog, "GeomHline"), 0)
})

test_that("figures are drawn and returned invisibly", {
  file <- withr::local_tempfile(fileext = ".pdf")
  grDevices::pdf(file)
  drawn <- withVisible(plot(mock_benchmark(cores = c(1, 2, 8)), mock_reference()))
  grDevices::dev.off()
  expect_false(drawn$visible)
  expect_gt(file.size(file), 1000)
  expect_s3_class(drawn$value$speedup, "ggplot")
})

test_that("what cannot be drawn is refused", {
  expect_error(plot(mock_reference()), "argument `reference`", class = "skein_error")
  expect_error(page(type = "rows"), "type", class = "skein_error")
  expect_error(plot(mock_benchmark(), reference = 3), "reference", class = "skein_error")
})
