# Family inverse.gaussian: positive responses with mean mu and variance mu^3 / shape.

family_info_inverse_gaussian <- function() {
  new_family_info("inverse.gaussian", links = links_inverse_square, dpars = "shape", read_response = read_positive)
}
