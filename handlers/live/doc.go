// Package live streams changes of threads to browsers as server-sent events. Hub distributes changes to
// subscriptions; Streams serves the stream of an article; EventWriter writes a stream.
package live
