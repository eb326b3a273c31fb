package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// How long a line of the log may wait, and how many bytes of lines.
const (
	logWait  = 200 * time.Millisecond
	logBytes = 64 << 10
)

// logBuffer gathers lines, so that a line a request does not cost a system call a request. What is in it is
// written after logWait at the latest.
type logBuffer struct {
	to io.Writer

	mu      sync.Mutex
	lines   []byte
	waiting bool // somebody will flush
}

func newLogBuffer(to io.Writer) *logBuffer {
	return &logBuffer{to: to, lines: make([]byte, 0, logBytes)}
}

// Write takes one line, or several.
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
		time.AfterFunc(logWait, func() { b.Flush() }) // the next line reports if it fails again
	}
	return len(line), err
}

// Flush writes what is waiting.
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

// flushOnWarn writes warnings and errors at once, with all lines before them: they may be the last words.
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
