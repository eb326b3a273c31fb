package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"rejoinder/moderation"
)

const (
	// HeartbeatInterval is how often a silent stream gets a heartbeat. Many proxies close connections that are
	// silent for 60 seconds.
	HeartbeatInterval = 25 * time.Second
	// writeTimeout bounds each write to a stream, so that a client that reads nothing is disconnected.
	writeTimeout = 10 * time.Second
	// reconnectDelay is how long browsers wait before they reconnect, in milliseconds.
	reconnectDelay = 3000
)

// EventWriter writes server-sent events (HTML standard, section 9.2), each with a timeout.
type EventWriter struct {
	writer  http.ResponseWriter
	control *http.ResponseController
}

// OpenStream sends the header of a stream, and lifts the server's deadlines for the request.
func OpenStream(c *gin.Context) (*EventWriter, error) {
	w := &EventWriter{writer: c.Writer, control: http.NewResponseController(c.Writer)}
	if err := w.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	c.Header("Content-Type", "text/event-stream; charset=utf-8")
	c.Header("Cache-Control", "no-store, no-transform")
	c.Header("X-Accel-Buffering", "no") // nginx would buffer the stream
	c.Status(http.StatusOK)
	return w, w.Write("retry: " + strconv.Itoa(reconnectDelay) + "\n\n")
}

// Write writes complete events and flushes them.
func (w *EventWriter) Write(events string) error {
	err := w.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := w.writer.Write([]byte(events)); err != nil {
		return err
	}
	if err := w.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// Heartbeat writes a comment, which browsers ignore.
func (w *EventWriter) Heartbeat() error { return w.Write(": \n\n") }

// changeEvent is the data of a change event.
type changeEvent struct {
	Kind      moderation.ChangeKind `json:"kind"`
	CommentID string                `json:"comment_id"`
	Count     int                   `json:"count"`
}

func (w *EventWriter) writeChange(c moderation.Change) error {
	data, err := json.Marshal(changeEvent{c.Kind, c.CommentID, c.Count})
	if err != nil {
		return err
	}
	return w.Write(fmt.Sprintf("id: %d\nevent: change\ndata: %s\n\n", c.Version, data))
}

// writeReload tells the client to load the thread again.
func (w *EventWriter) writeReload(version int64) error {
	return w.Write(fmt.Sprintf("id: %d\nevent: reload\ndata: {}\n\n", version))
}

// writeVersion sets the browser's last event id, without an event.
func (w *EventWriter) writeVersion(version int64) error {
	return w.Write(fmt.Sprintf("id: %d\n\n", version))
}
