package moderation_test

import (
	"context"
	"testing"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
)

// patient are judges that take any time to load a ruleset, unless their context ends.
type patient struct {
	moderation.Judges
	t testing.TB
}

func (p patient) Judge(ctx context.Context, rulesetID string) (moderation.Judge, error) {
	if _, hurried := ctx.Deadline(); hurried {
		p.t.Error("a ruleset that is not compiled yet has to be found within the time for an evaluation")
	}
	return p.Judges.Judge(ctx, rulesetID)
}

func TestTheFirstSubmissionAfterAStartWaitsForItsRuleset(t *testing.T) {
	k := newDesk(t, dbtest.Migrated(t, dbtest.SQLiteURL(t)))
	k.intake.Judges = patient{k.intake.Judges, t}
	k.submit("The ferry leaves at nine.")
}
