package dbtest

import "syscall"

// Pause stops the server and every process that serves a connection, as if the machine froze: connections
// stay open, and nothing answers on them. Resume lets them go on.
func (p *Postgres) Pause() { p.signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (p *Postgres) Resume() { p.signal(syscall.SIGCONT) }

// signal reaches the server first, so that it starts no process behind our back when it is stopped.
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
