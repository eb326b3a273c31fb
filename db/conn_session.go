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

// sessionConnector opens sessions with sessionSettings. It sends them afterwards, because poolers refuse
// settings in the startup message.
type sessionConnector struct {
	hostConnector
	breaker *breaker
}

// Connect implements driver.Connector.
func (p *sessionConnector) Connect(ctx context.Context) (driver.Conn, error) {
	generation := p.breaker.sessions.Load()
	conn, err := p.hostConnector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	complete, ok := conn.(postgresConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver lacks a method"), conn.Close())
	}
	if _, err := complete.ExecContext(ctx, sessionSettings, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return session{complete, p.breaker, generation}, nil
}

// postgresConn combines the interfaces of a connection that package database/sql uses.
type postgresConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// session is a connection that its pool uses until renewSessions is called. After one connection has turned out to be
// broken, the others probably are, too.
type session struct {
	postgresConn
	breaker    *breaker
	generation int64
}

// renewSessions lets pools replace all present sessions when they are used next. It does not close idle ones with
// sql.DB.SetMaxIdleConns, which may close a connection that is returned to the pool meanwhile (Go 1.26).
func (b *breaker) renewSessions() { b.sessions.Add(1) }

func (s session) current() bool { return s.generation == s.breaker.sessions.Load() }

// ResetSession implements driver.SessionResetter.
func (s session) ResetSession(ctx context.Context) error {
	if !s.current() {
		return driver.ErrBadConn
	}
	return s.postgresConn.ResetSession(ctx)
}

// IsValid implements driver.Validator.
func (s session) IsValid() bool { return s.current() && s.postgresConn.IsValid() }
