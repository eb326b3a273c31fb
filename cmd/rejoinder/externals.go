package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"rejoinder/handlers"
	"rejoinder/moderation/external"
	"rejoinder/moderation/rulebook"
	"rejoinder/outbound"
)

// externalLimits bound the calls to outside classifiers. Those for which a submission waits end earlier.
var externalLimits = outbound.Limits{Timeout: 10 * time.Second, Response: 64 << 10}

// openExternals reads the classifiers that are set up.
func (a *app) openExternals(ctx context.Context, metrics *metrics) (*external.Admin, error) {
	client := outbound.New(externalLimits, a.config.OutboundNetworks)
	asker := &external.Asker{
		Store: a.db.External, Client: client, Keys: a.keys, Now: time.Now, NewID: newID,
		Secrets: os.DirFS(filepath.Join(a.config.DataDir, external.SecretsFolder)),
		Log:     metrics.worker(a.log, "externals"), Observe: metrics.externalCall,
	}
	if err := asker.Reload(ctx); err != nil {
		return nil, fmt.Errorf("read classifiers: %w", err)
	}
	metrics.followExternals(asker.States)
	return &external.Admin{Store: a.db.ForExternal(), Asker: asker, Now: time.Now, NewID: newID, Random: rand.Reader,
		ParseURL: client.ParseURL}, nil
}

// externalWorkers returns the background workers of the classifiers, which run until ctx ends.
func (a *app) externalWorkers(server *handlers.Server, metrics *metrics) []func(context.Context) {
	asker := server.Externals.Asker
	judge := &rulebook.LateJudge{
		Store: a.db.ForLateJudge(), Rulebook: server.Rulebook, Keys: a.keys, Now: time.Now, NewID: newID,
	}
	worker := &external.Worker{Store: a.db.ForExternalWorker(), Asker: asker, Judge: judge, Now: time.Now, NewID: newID,
		Log: metrics.worker(a.log, "external-calls")}
	return []func(context.Context){asker.Run, worker.Run}
}
