package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// listen listens on the address of a setting. Its error describes the problem and how to choose another
// address.
func listen(setting, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener, nil
	}
	var why string
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		why = "another program listens on " + address
	case errors.Is(err, syscall.EACCES):
		why = "the system does not allow listening on " + address
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		why = "this machine does not have the address of " + address
	default:
		return nil, fmt.Errorf("listen on %s (%s): %w", address, choose(setting), err)
	}
	return nil, fmt.Errorf("%s; %s", why, choose(setting))
}

// choose describes where to set a setting.
func choose(name string) string {
	return fmt.Sprintf("choose an address with --%s or %s", name, setting{name: name}.env())
}
