library(testthat)
library(skein)

test_check("skein")
