package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"rejoinder/moderation/external"
	"rejoinder/moderation/rulebook"
	"rejoinder/outbound"
)

// externalLimits bound the calls to outside classifiers. Those for which a submission waits end earlier.
var externalLimits = outbound.Limits{Timeout: 10 * time.Second, Response: 64 << 10}

// externals are the classifiers outside of this program.
type externals struct {
	asker *external.Asker
	admin *external.Admin
}

// openExternals reads the classifiers that are set up.
func (a *app) openExternals(ctx context.Context, metrics *metrics) (externals, error) {
	client := outbound.New(externalLimits, a.config.OutboundNetworks)
	asker := &external.Asker{
		Store: a.db.External, Client: client, Keys: a.keys, Now: time.Now, NewID: newID,
		Secrets: os.DirFS(filepath.Join(a.config.DataDir, external.SecretsFolder)),
		Log:     metrics.worker(a.log, "externals"), Observe: metrics.externalCall,
	}
	if err := asker.Reload(ctx); err != nil {
		return externals{}, fmt.Errorf("read classifiers: %w", err)
	}
	admin := &external.Admin{Store: a.db.ForExternal(), Asker: asker, Now: time.Now, NewID: newID, Random: rand.Reader,
		ParseURL: client.ParseURL}
	metrics.followExternals(asker.States)
	return externals{asker, admin}, nil
}

// externalWorkers returns the background workers of the classifiers, which run until ctx ends.
func (a *app) externalWorkers(e externals, book *rulebook.Rulebook, metrics *metrics) []func(context.Context) {
	judge := &rulebook.LateJudge{Store: a.db.ForLateJudge(), Rulebook: book, Keys: a.keys, Now: time.Now, NewID: newID}
	worker := &external.Worker{Store: a.db.ForExternalWorker(), Asker: e.asker, Judge: judge, Now: time.Now, NewID: newID,
		Log: metrics.worker(a.log, "external-calls")}
	return []func(context.Context){e.asker.Run, worker.Run}
}
