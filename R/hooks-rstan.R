# rstan's S4 generics for skein's fits, so that rstan::extract(fit$fit), rstan::get_elapsed_time(fit$fit) and the like
# run as they stand in scripts. rstan is neither needed nor loaded: the methods are set once it is.

# Where the methods live: a namespace is locked by the time that rstan may come.
rstan_methods <- new.env()

hook_rstan <- function() {
  if (isNamespaceLoaded("rstan")) register_rstan_methods()
  setHook(packageEvent("rstan", "onLoad"), function(...) register_rstan_methods())
}

register_rstan_methods <- function() {
  functions <- list(
    extract = function(object, pars, permuted = TRUE, inc_warmup = FALSE, include = TRUE) {
      extract_arrays(sampling_of(object), if (missing(pars)) NULL else pars, permuted, inc_warmup, include)
    },
    get_elapsed_time = get_elapsed_time, get_adaptation_info = get_adaptation_info,
    get_sampler_params = get_sampler_params, get_seed = get_seed, log_prob = log_prob, grad_log_prob = grad_log_prob,
    constrain_pars = constrain_pars, unconstrain_pars = unconstrain_pars, get_num_upars = get_num_upars
  )
  for (class in c("skeinfit", "skeinsampling")) {
    methods::setOldClass(class, where = rstan_methods)
    for (name in names(functions)) {
      generic <- methods::getGeneric(name, where = asNamespace("rstan"))
      if (is.null(generic)) next
      methods::setMethod(generic, class, rstan_method(functions[[name]]), where = rstan_methods)
    }
  }
}

# A function of rstan's generics' own arguments that calls ours.
rstan_method <- function(f) {
  force(f)
  function(object, ...) f(object, ...)
}
