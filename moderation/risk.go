package moderation

import "math"

// reportRisk is what each open report adds to the risk of a comment: as much as a rule that is sure of
// itself.
const reportRisk = 10

// Risk puts comments in the order in which they should be looked at: what the ruleset scored, what readers
// reported, and how many people would see it. A thread with a thousand comments counts ten points.
func Risk(score float64, openReports, articleComments int) float64 {
	return score + float64(ReportsRisk(openReports)) + math.Log2(float64(1+articleComments))
}

// ReportsRisk is the part of the risk that reports make.
func ReportsRisk(openReports int) int { return reportRisk * openReports }
