package archive

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sync/errgroup"

	"rejoinder/moderation/imports"
	"rejoinder/moderation/text"
	"rejoinder/transfer"
)

// preparedLine is a valid line of the file. The current text of a comment is rendered.
type preparedLine struct {
	transfer.Line
	reading *text.Reading // nil unless it is a comment with a text
	html    string
}

// lineChunk is some lines of the file, and the error that ended reading.
type lineChunk struct {
	lines []preparedLine
	err   error
}

// run imports the lines of a file. It reads and renders lines while it writes those before.
func (w *restoring) run(ctx context.Context, from *transfer.NativeReader) error {
	group, ctx := errgroup.WithContext(ctx)
	slots := imports.NewSlots(w.Processors)
	read := make(chan lineChunk)
	group.Go(func() error {
		defer close(read)
		for {
			var lines []preparedLine
			err := slots.Use(ctx, func() (err error) {
				lines, err = readLines(from)
				return err
			})
			select {
			case read <- lineChunk{lines, err}:
			case <-ctx.Done():
				return ctx.Err()
			}
			if err != nil {
				return nil //nolint:nilerr // returned below, after the lines before it
			}
		}
	})
	group.Go(func() error {
		for chunk := range read {
			if err := slots.Use(ctx, func() error { return w.takeAll(ctx, chunk.lines) }); err != nil {
				return err
			}
			if chunk.err != nil && !errors.Is(chunk.err, io.EOF) {
				return chunk.err
			}
		}
		return w.flushAll(ctx)
	})
	return group.Wait()
}

func (w *restoring) takeAll(ctx context.Context, lines []preparedLine) error {
	for _, line := range lines {
		if err := w.take(ctx, line); err != nil {
			return err
		}
	}
	return nil
}

// readLines reads and prepares as many lines as are written in one transaction. With an error, it returns those
// before the error.
func readLines(from *transfer.NativeReader) ([]preparedLine, error) {
	lines := make([]preparedLine, 0, batchLines)
	for len(lines) < batchLines {
		line, err := from.Next()
		if err != nil {
			return lines, err
		}
		prepared, err := prepare(line)
		if err != nil {
			return lines, err
		}
		lines = append(lines, prepared)
	}
	return lines, nil
}

func prepare(line transfer.Line) (preparedLine, error) {
	p := preparedLine{Line: line}
	if err := check(line); err != nil {
		return p, err
	}
	c, ok := line.Value.(*transfer.NativeComment)
	if !ok {
		return p, nil
	}
	body := c.Revisions[len(c.Revisions)-1].Body
	if body == "" {
		return p, nil
	}
	p.reading = text.Read(body)
	p.reading.SearchWords() // here, because writing takes longer than reading
	var err error
	if p.html, err = p.reading.HTML(); err != nil {
		return p, &transfer.Fault{Place: line.Place, Detail: "the text of the comment can't be shown"}
	}
	return p, nil
}
