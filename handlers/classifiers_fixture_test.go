package handlers_test

import (
	"log/slog"
	"net/netip"
	"testing/fstest"
	"time"

	"rejoinder/moderation/external"
	"rejoinder/outbound"
	"rejoinder/privacy"
)

// secretsInFiles are the secrets in the operator's files.
var secretsInFiles = fstest.MapFS{"filed": {Data: []byte("key-in-file\n")}}

// externals are the outside classifiers, which may be on this machine.
func (s *fixture) externals(keys *privacy.Keyring, newID func() string) (*external.Asker, *external.Admin) {
	client := outbound.New(outbound.Limits{Timeout: 5 * time.Second, Response: 64 << 10},
		[]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")})
	s.t.Cleanup(client.Close)
	asker := &external.Asker{Store: s.db.External, Client: client, Keys: keys, Secrets: secretsInFiles, Now: s.clock.Now,
		NewID: newID, Log: slog.New(slog.NewTextHandler(s.log, nil))}
	return asker, &external.Admin{Store: s.db.ForExternal(), Asker: asker, Now: s.clock.Now, NewID: newID,
		ParseURL: client.ParseURL}
}
