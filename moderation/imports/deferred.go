package imports

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"rejoinder/transfer"
)

// deferred are comments that came before the comment that they reply to. They wait in a temporary file; only
// their keys are held.
type deferred struct {
	dir     string
	file    *os.File
	buffer  *bufio.Writer
	encoder *gob.Encoder
	parents map[string]string // keys of comments and of their parents
	order   []string          // keys, as in the file
}

func newDeferred(dir string) *deferred { return &deferred{dir: dir, parents: map[string]string{}} }

func (d *deferred) add(key, parent string, c transfer.Comment) error {
	if d.file == nil {
		var err error
		if d.file, err = os.CreateTemp(d.dir, "import-replies-*"); err != nil {
			return fmt.Errorf("put replies aside: %w", err)
		}
		_ = os.Remove(d.file.Name()) // so that a killed import leaves nothing; Windows refuses, and close does it
		d.buffer = bufio.NewWriter(d.file)
		d.encoder = gob.NewEncoder(d.buffer)
	}
	d.parents[key] = parent
	d.order = append(d.order, key)
	if err := d.encoder.Encode(c); err != nil {
		return fmt.Errorf("put replies aside: %w", err)
	}
	return nil
}

func (d *deferred) close() error {
	if d.file == nil {
		return nil
	}
	err := d.file.Close()
	if removed := os.Remove(d.file.Name()); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// levels says in which pass each comment is written: after its parent. What is in a circle, or lacks its
// parent, comes first.
func (d *deferred) levels() (levels map[string]int, deepest int) {
	levels = make(map[string]int, len(d.parents))
	for _, key := range d.order {
		var path []string
		onPath := map[string]bool{}
		for at := key; ; at = d.parents[at] {
			if onPath[at] { // a circle, which begins with the first of the file
				levels[at] = 0
				break
			}
			_, waits := d.parents[at]
			if _, known := levels[at]; known || !waits {
				break
			}
			path, onPath[at] = append(path, at), true
		}
		for i := len(path) - 1; i >= 0; i-- {
			if _, known := levels[path[i]]; known {
				continue
			}
			level := 0
			if above, known := levels[d.parents[path[i]]]; known {
				level = above + 1
			}
			levels[path[i]], deepest = level, max(deepest, level)
		}
	}
	return levels, deepest
}

// writeDeferred writes the comments that were put aside, level by level. Each level is read from the file.
func (w *writer) writeDeferred(ctx context.Context) error {
	if w.late.file == nil {
		return nil
	}
	if err := w.late.buffer.Flush(); err != nil {
		return fmt.Errorf("put replies aside: %w", err)
	}
	levels, deepest := w.late.levels()
	for level := range deepest + 1 {
		if err := w.writeLevel(ctx, levels, level); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) writeLevel(ctx context.Context, levels map[string]int, level int) error {
	if _, err := w.late.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read replies that were put aside: %w", err)
	}
	decoder := gob.NewDecoder(bufio.NewReader(w.late.file))
	j := &job{}
	for _, key := range w.late.order {
		var c transfer.Comment
		if err := decoder.Decode(&c); err != nil {
			return fmt.Errorf("read replies that were put aside: %w", err)
		}
		if levels[key] == level {
			j.comments, j.drafts = append(j.comments, c), append(j.drafts, w.draft(ctx, c))
		}
		if len(j.comments) >= w.size.jobs()*jobComments {
			if err := w.writeLast(ctx, j); err != nil {
				return err
			}
			j = &job{}
		}
	}
	return w.writeLast(ctx, j)
}

// writeLast writes comments whose parents are there, unless they never come.
func (w *writer) writeLast(ctx context.Context, j *job) error {
	c, err := w.prepare(ctx, j, true)
	if err != nil {
		return err
	}
	return w.write(ctx, c)
}
