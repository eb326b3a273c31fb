package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"
)

// outsideServers are servers that Rejoinder sends requests to.
type outsideServers struct {
	fast, dead, slow                *httptest.Server
	mail                            *slowMail
	fastCalls, deadCalls, slowCalls atomic.Int64
}

func startOutsideServers() (*outsideServers, error) {
	s := &outsideServers{}
	mail, err := startSlowMail()
	if err != nil {
		return nil, err
	}
	s.mail = mail
	s.fast = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.fastCalls.Add(1)
		time.Sleep(classifierTakes)
		fmt.Fprint(w, `{"score": 0.1}`)
	}))
	s.dead = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.deadCalls.Add(1)
		_, _ = io.Copy(io.Discard, r.Body) // the end of the connection is noticed only then
		<-r.Context().Done()
	}))
	s.slow = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.slowCalls.Add(1)
		time.Sleep(slowServerTakes)
		w.WriteHeader(http.StatusNoContent)
	}))
	return s, nil
}

func (s *outsideServers) stop() {
	for _, server := range []*httptest.Server{s.fast, s.dead, s.slow} {
		server.CloseClientConnections()
		server.Close()
	}
	s.mail.listener.Close()
}

// used returns an error unless all servers were used: otherwise the run shows nothing.
func (s *outsideServers) used() error {
	var unused []error
	for _, server := range []struct {
		name  string
		calls *atomic.Int64
	}{{"fast classifier", &s.fastCalls}, {"dead classifier", &s.deadCalls}, {"webhook", &s.slowCalls}, {"mail server", &s.mail.calls}} {
		if server.calls.Load() == 0 {
			unused = append(unused, fmt.Errorf("the %s got no request", server.name))
		}
	}
	return errors.Join(unused...)
}

// slowMail is an SMTP server (RFC 5321) that takes a second for each reply, and throws mail away.
type slowMail struct {
	listener net.Listener
	calls    atomic.Int64
}

func startSlowMail() (*slowMail, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start mail server: %w", err)
	}
	s := &slowMail{listener: listener}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			s.calls.Add(1)
			go s.serve(connection)
		}
	}()
	return s, nil
}

func (s *slowMail) address() string { return s.listener.Addr().String() }

// serve holds a conversation. It ends with an error of the connection.
func (s *slowMail) serve(connection net.Conn) {
	defer connection.Close()
	reply := func(text string) bool {
		time.Sleep(slowServerTakes)
		_, err := fmt.Fprintf(connection, "%s\r\n", text)
		return err == nil
	}
	if !reply("220 bench.example") {
		return
	}
	lines, inData := bufio.NewScanner(connection), false
	for lines.Scan() {
		verb, _, _ := strings.Cut(strings.ToUpper(lines.Text()), " ")
		answer := "250 OK"
		switch {
		case inData && lines.Text() != ".":
			continue
		case inData:
			inData = false
		case verb == "DATA":
			inData, answer = true, "354 Go on"
		case verb == "QUIT":
			answer = "221 Bye"
		}
		if !reply(answer) || verb == "QUIT" {
			return
		}
	}
}
