// Command rejoinder-bench benchmarks Rejoinder. It fills temporary databases, starts the server as a separate
// process, drives it, and compares the results with bare gin on the same machine. The product does not
// contain it.
//
// It also trains and measures the model of package moderation/hostility: hostility.go.
//
// Start with main.go for the commands, then report.go for what all benchmarks share. read.go, write.go,
// queue.go, soak.go, anatomy.go and outside.go are the benchmarks; threaddata.go and queuedata.go write their
// data; clients.go and wrk.go generate load; gauge.go and wireproxy.go observe the database. cluster.go kills
// the servers of a PostgreSQL cluster, which clusterservers.go runs; clusterload.go generates its load and
// clusterreport.go checks that nothing was lost. dictionary.go makes the embedded dictionary from the lists that
// package wordlists reads.
package main
