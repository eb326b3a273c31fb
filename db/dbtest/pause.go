package dbtest

import "syscall"

// Pause stops the server and every process that serves a connection, as if the machine froze: connections
// stay open without responses. Resume continues them.
func (p *Postgres) Pause() { p.signal(syscall.SIGSTOP) }

// Resume continues a paused server.
func (p *Postgres) Resume() { p.signal(syscall.SIGCONT) }

// signal signals the server first, so that it starts no further process.
func (p *Postgres) signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pid == 0 {
		return
	}
	syscall.Kill(p.pid, sig) // each may be gone already
	for _, pid := range Children(p.pid) {
		syscall.Kill(pid, sig)
	}
}
