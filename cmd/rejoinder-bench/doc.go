// Command rejoinder-bench measures Rejoinder. It fills temporary databases, starts the server as a process of its own,
// drives it, and holds the figures against what bare gin does on the same machine. The product does not contain it.
//
// Start with main.go for the commands, then report.go for what every benchmark shares. read.go, write.go, queue.go and
// soak.go are the benchmarks; threaddata.go and queuedata.go write their data; clients.go and wrk.go generate load.
package main
