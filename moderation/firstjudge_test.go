package moderation_test

import (
	"context"
	"testing"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// slowJudges are judges that take any time to load a ruleset, unless their context ends.
type slowJudges struct {
	moderation.Judges
	t testing.TB
}

func (p slowJudges) Judge(ctx context.Context, rulesetID string) (moderation.Judge, error) {
	if _, hurried := ctx.Deadline(); hurried {
		p.t.Error("a ruleset that is not compiled yet has to be found within the time for an evaluation")
	}
	return p.Judges.Judge(ctx, rulesetID)
}

func TestTheFirstSubmissionAfterAStartWaitsForItsRuleset(t *testing.T) {
	f := newFixture(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	f.intake.Judges = slowJudges{f.intake.Judges, t}
	f.submit("The ferry leaves at nine.")
}
