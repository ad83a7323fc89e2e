# Family gamma: positive responses with mean mu and variance mu^2 / shape.

family_info_gamma <- function() {
  new_family_info("gamma", links = links_positive, dpars = "shape", read_response = read_positive)
}
