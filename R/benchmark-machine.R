# What a benchmark's numbers belong to: the machine's name and its cores.

# A list: name (the processor's), physical and logical cores (NA where unknown), usable (cores that may run threads of
# this process).
machine_info <- function() {
  physical <- count_cores(logical = FALSE)
  logical <- count_cores(logical = TRUE)
  list(name = processor_name(), physical = physical, logical = logical, usable = usable_cores(physical))
}

count_cores <- function(logical) {
  n <- suppressWarnings(parallel::detectCores(logical = logical))
  if (length(n) == 1 && is.finite(n) && n >= 1) as.double(n) else NA_real_
}

# Hyper-threads share a core's arithmetic: they are not counted. Containers may have less time than the cores they see.
usable_cores <- function(physical = count_cores(logical = FALSE), available = available_cores(), quota = cpu_quota()) {
  max(1, floor(min(available, physical, quota, na.rm = TRUE)))
}

# The processor time that Linux's control groups leave to a container, in cores; NA where there is no limit.
cpu_quota <- function(root = "/sys/fs/cgroup") {
  read <- function(...) suppressWarnings(tryCatch(readLines(file.path(root, ...), n = 1), error = function(e) ""))
  limit <- strsplit(read("cpu.max"), " ")[[1]]
  if (length(limit) != 2) limit <- c(read("cpu", "cpu.cfs_quota_us"), read("cpu", "cpu.cfs_period_us"))
  cores <- suppressWarnings(as.double(limit[1]) / as.double(limit[2]))
  if (length(cores) == 1 && is.finite(cores) && cores > 0) cores else NA_real_
}

processor_name <- function(system = Sys.info()[["sysname"]]) {
  name <- tryCatch(suppressWarnings(switch(system,
    Linux = sub(".*: *", "", grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[1]),
    Darwin = system2("sysctl", c("-n", "machdep.cpu.brand_string"), stdout = TRUE, stderr = FALSE)[1],
    Windows = utils::readRegistry("HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\0")$ProcessorNameString
  )), error = function(e) NULL)
  known <- length(name) == 1 && !is.na(name) && nzchar(name)
  if (known) trimws(gsub("\\((R|TM)\\)", "", name)) else Sys.info()[["machine"]]
}

# "N = 10,000 rows, poisson; Intel Xeon Processor, 2 cores; skein 0.0.1, 2026-11-22"
study_text <- function(study) {
  machine <- study$machine
  cores <- if (is.na(machine$physical)) machine$logical else machine$physical
  count <- if (is.na(cores)) "" else paste0(", ", cores, if (cores == 1) " core" else " cores")
  if (!is.na(cores) && machine$usable < cores) count <- paste0(count, " (", machine$usable, " usable)")
  paste0(
    "N = ", format(study$n_rows, big.mark = ",", scientific = FALSE), " rows, ", study$family, "; ",
    machine$name, count, "; skein ", format(study$skein), ", ", format(study$date)
  )
}
