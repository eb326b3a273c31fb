package queue_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"rejoinder/db/dbtest"
	"rejoinder/moderation"
	"rejoinder/moderation/queue"
)

// longDecisionLog is a log with this number of decisions, one each second. It counts how many are returned at
// once.
type longDecisionLog struct {
	queue.DecisionStore
	length, most int
	breaks       error // after the first batch
	bulk         string
}

func (l *longDecisionLog) SiteBySlug(context.Context, string) (moderation.Site, error) {
	return moderation.Site{ID: "daily"}, nil
}

func (l *longDecisionLog) DecisionLog(_ context.Context, q queue.DecisionSelect) ([]queue.LoggedDecision, error) {
	next := 0
	if q.After != nil {
		if l.breaks != nil {
			return nil, l.breaks
		}
		next = int(q.After.CreatedAt.Sub(dbtest.Epoch)/time.Second) + 1
	}
	var batch []queue.LoggedDecision
	for ; next < l.length && len(batch) < q.Limit; next++ {
		batch = append(batch, queue.LoggedDecision{Decision: moderation.Decision{ID: fmt.Sprint(next), Reason: "A, \"b\"\n\tc", BulkID: l.bulk,
			CreatedAt: dbtest.Epoch.Add(time.Duration(next) * time.Second)}})
	}
	l.most = max(l.most, len(batch))
	return batch, nil
}

func TestALongExportIsReadInBatchesOfTheSameSize(t *testing.T) {
	store := &longDecisionLog{length: 5_003}
	log := &queue.DecisionLog{Store: store}
	var asCSV, asJSON strings.Builder
	for _, err := range []error{
		log.WriteCSV(t.Context(), moderation.Viewer{}, queue.ExportQuery{SiteSlug: "daily"}, &asCSV),
		log.WriteJSON(t.Context(), moderation.Viewer{}, queue.ExportQuery{SiteSlug: "daily"}, &asJSON),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(asCSV.String())).ReadAll()
	if err != nil || len(rows) != 5_004 || rows[5_003][0] != "5002" {
		t.Errorf("%d rows of CSV, %v", len(rows), err)
	}
	var whole struct{ Decisions []struct{ ID, Reason string } }
	if err := json.Unmarshal([]byte(asJSON.String()), &whole); err != nil || len(whole.Decisions) != 5_003 || whole.Decisions[5_002].ID != "5002" {
		t.Errorf("%d decisions of JSON, %v", len(whole.Decisions), err)
	}
	if store.most > 1_000 {
		t.Errorf("%d decisions were in memory at once", store.most)
	}
}

func TestAnExportThatBreaksOffSaysSo(t *testing.T) {
	broken := errors.New("the database is gone")
	log := &queue.DecisionLog{Store: &longDecisionLog{length: 5_000, breaks: broken}}
	for _, write := range []func(context.Context, moderation.Viewer, queue.ExportQuery, io.Writer) error{log.WriteCSV, log.WriteJSON} {
		if err := write(t.Context(), moderation.Viewer{}, queue.ExportQuery{SiteSlug: "daily"}, io.Discard); !errors.Is(err, broken) {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestNoCellOfAnExportIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		"plain": "plain", "": "", "a=b": "a=b", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1",
		"  =1": "'  =1", "\u00a0=1": "'\u00a0=1", "＝1": "'＝1", "'=1": "'=1",
	} {
		log, out := &queue.DecisionLog{Store: &longDecisionLog{length: 1, bulk: cell}}, &strings.Builder{}
		if err := log.WriteCSV(t.Context(), moderation.Viewer{}, queue.ExportQuery{SiteSlug: "daily"}, out); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q: %d rows, %v", cell, len(rows), err)
		}
		want = strings.ReplaceAll(want, "\r", "") // which CSV drops
		if got := rows[1][len(rows[1])-1]; got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}
