package db

import (
	"context"
	"database/sql/driver"
	"errors"
)

// sessionSettings make PostgreSQL use indexes. Every statement has one (query_plan_test.go), and a plan that
// was made while a table was small, or before it was analysed, must not scan the whole table later. Compiled
// plans (JIT) pay only for scans.
const sessionSettings = `SET enable_seqscan = off; SET jit = off`

// settingsConnector opens connections with sessionSettings. It sends them afterwards, because poolers refuse
// settings in the startup message.
type settingsConnector struct{ hostConnector }

// Connect implements driver.Connector.
func (p settingsConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.hostConnector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	teller, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the driver runs no plain statements"), conn.Close())
	}
	if _, err := teller.ExecContext(ctx, sessionSettings, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
