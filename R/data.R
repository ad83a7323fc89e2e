# Help pages of the data sets; inst/data-raw/datasets.R makes them.

#' Epileptic seizures
#'
#' Seizure counts of 59 patients in four successive two-week periods, in a trial of the drug progabide.
#'
#' @format A data frame with 236 rows, all patients of the first period first:
#' \describe{
#'   \item{Age}{age in years}
#'   \item{Base}{seizures in the eight weeks before the trial}
#'   \item{Trt}{factor: `0` placebo, `1` progabide}
#'   \item{patient}{factor, 59 levels}
#'   \item{visit}{factor: the period, `1` to `4`}
#'   \item{count}{seizures in the period}
#'   \item{obs}{factor with a level of its own for each row}
#'   \item{zAge, zBase}{`Age` and `Base`, centred and scaled over the 236 rows}
#' }
#' @source Thall, P. F. and Vail, S. C. (1990). Some covariance models for longitudinal count data with overdispersion.
#'   *Biometrics* 46, 657-671. Values as in `MASS::epil`: Venables, W. N. and Ripley, B. D. (2002). *Modern Applied
#'   Statistics with S*, fourth edition, Springer.
#' @examples
#' tapply(epilepsy$count, epilepsy$Trt, mean)
"epilepsy"

#' Infections in kidney patients
#'
#' Times to the first and second infection at the insertion point of the catheter, for 38 patients with portable
#' dialysis equipment. Catheters may be removed for other reasons: the time is then censored.
#'
#' @format A data frame with 76 rows:
#' \describe{
#'   \item{time}{days to infection or removal}
#'   \item{censored}{`1` if the time is right censored, else `0`}
#'   \item{patient}{number of the patient, 1 to 38}
#'   \item{recur}{factor: `1` first or `2` second catheter; as in \pkg{brms}, both times of some patients have the same}
#'   \item{age}{age in years}
#'   \item{sex}{factor: male, female}
#'   \item{disease}{factor: other, GN (glomerulo nephritis), AN (acute nephritis), PKD (polycystic kidney disease)}
#' }
#' @source McGilchrist, C. A. and Aisbett, C. W. (1991). Regression with frailty in survival analysis. *Biometrics* 47,
#'   461-466. Values as in `survival::kidney`, rows and names as in \pkg{brms}.
#' @examples
#' table(kidney$censored)
"kidney"

#' Clarity of inhaler instructions
#'
#' Ratings of how clear the leaflets of two inhaler devices are, from a crossover trial with 286 patients and two
#' periods.
#'
#' @format A data frame with 572 rows:
#' \describe{
#'   \item{subject}{number of the patient}
#'   \item{rating}{1 (easy) to 4 (confusing)}
#'   \item{treat}{device: -0.5 or 0.5}
#'   \item{period}{-0.5 or 0.5}
#'   \item{carry}{carry-over from the first period: -1, 0 or 1}
#' }
#' @source Ezzet, F. and Whitehead, J. (1991). A random effects model for ordinal responses from a crossover trial.
#'   *Statistics in Medicine* 10, 901-907. Rows and names as in \pkg{brms}.
#' @examples
#' with(inhaler, table(treat, rating))
"inhaler"

#' Insurance losses over time
#'
#' Cumulative losses of ten accident years at successive ages of development: a loss triangle.
#'
#' @format A data frame with 55 rows:
#' \describe{
#'   \item{AY}{accident year, 1991 to 2000}
#'   \item{dev}{months of development}
#'   \item{cum}{cumulative loss}
#'   \item{premium}{premium earned in the accident year}
#' }
#' @source Gesmann, M. and Morris, J. (2020). *Hierarchical Compartmental Reserving Models*, Casualty Actuarial Society
#'   Research Papers. Rows and names as in \pkg{brms}.
#' @examples
#' xtabs(round(cum) ~ AY + dev, loss)
"loss"
