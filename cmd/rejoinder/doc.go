// Command rejoinder is the composition root and the command line: it reads the configuration, opens what is
// needed, wires the use-cases together and runs them. It decides nothing that belongs to the product.
//
// Start with main.go for the commands, then serve.go for how a server is put together; config.go holds every
// setting.
package main
