// Package live streams changes to browsers as server-sent events: a hub that passes changes on to streams,
// and the writer of one stream.
package live
