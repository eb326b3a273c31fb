// Command rejoinder is the composition root and the command line: it reads the configuration, opens the
// database and keys, and wires and runs the use cases. It contains no domain logic.
//
// Start with main.go for the commands, then read serve.go for the server; config.go has the settings.
package main
