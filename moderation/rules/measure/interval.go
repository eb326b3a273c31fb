package measure

import (
	"fmt"
	"math"
)

// Interval is a 95% confidence interval of a share: both bounds are from 0 to 1. In JSON it is [low, high].
type Interval [2]float64

// z95 is the 97.5th percentile of the standard normal distribution.
const z95 = 1.959963984540054

// Wilson returns the 95% score interval of part out of whole; nil if whole is 0. It holds for few cases and
// for shares near 0 and 1, where the usual normal approximation does not.
//
// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
// American Statistical Association 22 (1927).
func Wilson(part, whole int) *Interval {
	if whole <= 0 {
		return nil
	}
	n, p := float64(whole), float64(part)/float64(whole)
	scale := 1 + z95*z95/n
	center := (p + z95*z95/(2*n)) / scale
	half := z95 / scale * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	bounds := Interval{max(0, center-half), min(1, center+half)}
	if part == 0 {
		bounds[0] = 0 // but for rounding
	}
	if part == whole {
		bounds[1] = 1
	}
	return &bounds
}

// String returns the interval in whole percent, such as "30–95%".
func (i Interval) String() string { return fmt.Sprintf("%.0f–%.0f%%", 100*i[0], 100*i[1]) }

// Wide reports whether a share with this interval says little by itself: the bounds are more than ten points
// apart.
func (i Interval) Wide() bool { return i[1]-i[0] > 0.1 }

// McNemar returns the two-sided p-value of the exact McNemar test: how probable a difference at least as large
// is if both rulesets are equally good and differ by chance only. The arguments are the number of cases that
// only one and only the other judged correctly.
//
// Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
// percentages", Psychometrika 12 (1947); the exact form is the binomial test with probability 1/2.
func McNemar(better, worse int) float64 {
	n := better + worse
	sum := 0.0
	for k := range min(better, worse) + 1 {
		sum += math.Exp(lnChoose(n, k) - float64(n)*math.Ln2)
	}
	return min(1, 2*sum)
}

func lnChoose(n, k int) float64 {
	all, _ := math.Lgamma(float64(n + 1))
	chosen, _ := math.Lgamma(float64(k + 1))
	rest, _ := math.Lgamma(float64(n - k + 1))
	return all - chosen - rest
}
