package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Limits of buffered log lines: time and bytes.
const (
	logWait  = 200 * time.Millisecond
	logBytes = 64 << 10
)

// logBuffer buffers log lines to avoid a system call per line. It writes them after at most logWait.
type logBuffer struct {
	to io.Writer

	mu      sync.Mutex
	lines   []byte
	waiting bool // a flush is scheduled
}

func newLogBuffer(to io.Writer) *logBuffer {
	return &logBuffer{to: to, lines: make([]byte, 0, logBytes)}
}

// Write buffers one or more lines.
func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var err error
	if len(b.lines)+len(line) > logBytes {
		err = b.flush()
	}
	b.lines = append(b.lines, line...)
	if !b.waiting {
		b.waiting = true
		time.AfterFunc(logWait, func() { b.Flush() }) // on failure, the next line reports it
	}
	return len(line), err
}

// Flush writes the buffered lines.
func (b *logBuffer) Flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = false
	return b.flush()
}

func (b *logBuffer) flush() error {
	if len(b.lines) == 0 {
		return nil
	}
	_, err := b.to.Write(b.lines)
	b.lines = b.lines[:0]
	return err
}

// flushOnWarn flushes after warnings and errors, since the process may be about to exit.
type flushOnWarn struct {
	slog.Handler
	buffer *logBuffer
}

func (p flushOnWarn) Handle(ctx context.Context, record slog.Record) error {
	err := p.Handler.Handle(ctx, record)
	if record.Level >= slog.LevelWarn {
		if flushed := p.buffer.Flush(); err == nil {
			err = flushed
		}
	}
	return err
}

func (p flushOnWarn) WithAttrs(attrs []slog.Attr) slog.Handler {
	return flushOnWarn{p.Handler.WithAttrs(attrs), p.buffer}
}

func (p flushOnWarn) WithGroup(name string) slog.Handler {
	return flushOnWarn{p.Handler.WithGroup(name), p.buffer}
}
