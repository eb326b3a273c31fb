package db

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"
)

// byIndex says how PostgreSQL is to plan. Every statement has an index to go by (plan_test.go): a plan made
// while a table was small, or before it was analysed, must not read all of it later. Compiling plans pays
// only for those that do.
const byIndex = `SET enable_seqscan = off; SET jit = off`

// planning opens connections that plan so. It tells them afterwards, since poolers refuse settings that come
// with the start.
type planning struct{ *pq.Connector }

// Connect implements driver.Connector.
func (p planning) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	teller, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the driver runs no plain statements"), conn.Close())
	}
	if _, err := teller.ExecContext(ctx, byIndex, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
