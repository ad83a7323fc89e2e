# One gradient of the toy model against a SIMD exp loop over as many rows, and what chunks and threads cost or gain.
# Rscript inst/bench/gradient.R [repetitions]; 15 unless said otherwise. Needs skein installed; g++ and AVX2 for the exp
# loop. How numbers come about is printed above them.
library(skein)

arguments <- commandArgs(TRUE)
repetitions <- if (length(arguments) > 0L) as.integer(arguments[1]) else 15L
local({
  folder <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
  for (file in c("common.R", "models.R")) sys.source(file.path(folder, file), envir = globalenv())
})

set.seed(1)
header <- machine_lines()
results <- rbind(
  study_gradient(1e4, repetitions, threads_of_machine()), study_gradient(1e6, repetitions, threads_of_machine())
)
writeLines(c(header, "", turns_note(repetitions), "", table_lines(results)))
