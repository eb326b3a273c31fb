package moderation

import "math"

// reportRisk is the risk that each open report adds to a comment, as much as a rule with high confidence.
const reportRisk = 10

// Risk returns the sort key of the queue, from the ruleset's score, open reports and the article's
// readership. A thread with a thousand comments adds ten points.
func Risk(score float64, openReports, articleComments int) float64 {
	return score + float64(ReportsRisk(openReports)) + math.Log2(float64(1+articleComments))
}

// ReportsRisk is the share of open reports in the risk.
func ReportsRisk(openReports int) int { return reportRisk * openReports }
