# Installs what skein needs and skein itself, on a machine with nothing but R and a compiler.
# Sourced by quickstart.R and run-tests.R; packages and versions come from DESCRIPTION alone.

# The package's root: the folder above the script that Rscript runs.
skein_root <- function() {
  script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  if (length(script) != 1L) stop("run this file by Rscript", call. = FALSE)
  normalizePath(file.path(dirname(script), ".."))
}

# Package names and minimal versions ("" where none is asked) of the given DESCRIPTION fields.
wanted_packages <- function(root, fields) {
  description <- read.dcf(file.path(root, "DESCRIPTION"))
  entries <- unlist(strsplit(description[1, intersect(fields, colnames(description))], ","))
  entries <- trimws(gsub("[[:space:]]+", " ", entries))
  name <- sub(" ?\\(.*", "", entries)
  version <- ifelse(grepl("\\(", entries), gsub(".*>= ?|\\).*", "", entries), "")
  base <- rownames(installed.packages(priority = "base"))
  wanted <- !name %in% c("R", base) & nzchar(name)
  wanted <- data.frame(name = name[wanted], version = version[wanted])
  wanted[!duplicated(wanted$name), ]
}

is_installed <- function(name, version) {
  found <- tryCatch(as.character(utils::packageVersion(name)), error = function(e) NULL)
  !is.null(found) && (!nzchar(version) || utils::compareVersion(found, version) >= 0)
}

missing_packages <- function(wanted) {
  wanted[!mapply(is_installed, wanted$name, wanted$version), , drop = FALSE]
}

# Debian's binaries are used only for Debian's own R, by root.
can_use_apt <- function() {
  startsWith(R.home(), "/usr/lib/R") && nzchar(Sys.which("apt-get")) && nzchar(Sys.which("dpkg")) &&
    identical(unname(Sys.info()["effective_user"]), "root")
}

apt_get <- function(...) {
  system2("apt-get", c("-qq", "-o", "DPkg::Lock::Timeout=300", ...), stdout = FALSE, stderr = FALSE,
    env = "DEBIAN_FRONTEND=noninteractive") == 0L
}

install_from_apt <- function(wanted) {
  if (!apt_get("update")) return(invisible())
  packages <- paste0("r-cran-", tolower(wanted$name))
  new_enough <- vapply(seq_along(packages), function(i) {
    policy <- suppressWarnings(system2("apt-cache", c("policy", packages[i]), stdout = TRUE, stderr = FALSE))
    candidate <- sub(".*Candidate: *", "", grep("Candidate:", policy, value = TRUE))
    if (length(candidate) != 1L || candidate == "(none)") return(FALSE)
    candidate <- sub("^[0-9]+:", "", sub("[+~-].*$", "", candidate))
    !nzchar(wanted$version[i]) || utils::compareVersion(candidate, wanted$version[i]) >= 0
  }, NA)
  if (any(new_enough)) apt_get("install", "-y", "--no-install-recommends", packages[new_enough])
  invisible()
}

# Debian's RcppParallel asks dpkg-architecture for its folder when it is loaded, and does not depend on the package that
# has it.
complete_debian_packages <- function() {
  if (!can_use_apt() || nzchar(Sys.which("dpkg-architecture"))) return(invisible())
  folder <- find.package("RcppParallel", quiet = TRUE)
  if (length(folder) && startsWith(folder[1], "/usr/lib/R")) {
    message("Installing from Debian: dpkg-dev, for RcppParallel")
    if (apt_get("update")) apt_get("install", "-y", "--no-install-recommends", "dpkg-dev")
  }
  invisible()
}

# The first library that can be written to; R_LIBS_USER is made where the others are read-only.
writable_library <- function() {
  writable <- .libPaths()[file.access(.libPaths(), 2) == 0]
  if (length(writable) > 0L) return(writable[1])
  user <- path.expand(strsplit(Sys.getenv("R_LIBS_USER"), .Platform$path.sep)[[1]][1])
  dir.create(user, recursive = TRUE, showWarnings = FALSE)
  .libPaths(c(user, .libPaths()))
  user
}

install_from_cran <- function(wanted) {
  repos <- getOption("repos")
  if (is.null(repos) || !nzchar(repos["CRAN"]) || identical(unname(repos["CRAN"]), "@CRAN@")) {
    utils::chooseCRANmirror(ind = 1, local.only = TRUE)
  }
  utils::install.packages(wanted$name, lib = writable_library(), Ncpus = max(1L, parallel::detectCores(), na.rm = TRUE),
    quiet = TRUE)
}

# Installs the packages of the given DESCRIPTION fields that are missing or too old; stops naming what stays missing.
install_dependencies <- function(root, fields) {
  wanted <- wanted_packages(root, fields)
  missing <- missing_packages(wanted)
  if (nrow(missing) > 0L && can_use_apt()) {
    message("Installing from Debian: ", paste(missing$name, collapse = ", "))
    install_from_apt(missing)
    missing <- missing_packages(wanted)
  }
  if (nrow(missing) > 0L) {
    message("Installing from CRAN: ", paste(missing$name, collapse = ", "))
    install_from_cran(missing)
    missing <- missing_packages(wanted)
  }
  if (nrow(missing) > 0L) {
    stop("could not install: ", paste(trimws(paste(missing$name, missing$version)), collapse = ", "), call. = FALSE)
  }
  complete_debian_packages()
}

# Builds a source tarball in a temporary folder and installs it into `library`.
install_skein <- function(root, library = writable_library()) {
  folder <- tempfile("skein-build-")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  working <- setwd(folder)
  on.exit(setwd(working), add = TRUE, after = FALSE)
  run_r <- function(...) {
    log <- file.path(folder, "log")
    status <- system2(file.path(R.home("bin"), "R"), c("CMD", ...), stdout = log, stderr = log)
    if (status != 0L) {
      writeLines(readLines(log))
      stop("R CMD ", ..1, " failed", call. = FALSE)
    }
  }
  message("Building and installing skein (a few minutes: its kernels are compiled now, and never again)")
  Sys.setenv(MAKEFLAGS = Sys.getenv("MAKEFLAGS", paste0("-j", max(1L, parallel::detectCores(), na.rm = TRUE))))
  run_r("build", "--no-build-vignettes", shQuote(root))
  run_r("INSTALL", paste0("--library=", shQuote(library)), "--no-test-load", Sys.glob("skein_*.tar.gz"))
  if (!is_installed("skein", "")) stop("skein was installed but is not found", call. = FALSE)
}
