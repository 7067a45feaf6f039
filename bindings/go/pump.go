package codriver

import "sync"

// pump runs work on one goroutine at a time, for as long as there is some: without any it has none.
type pump struct {
	// work does some of it, and says whether there is more.
	work func() (more bool)

	mu             sync.Mutex
	running, woken bool
}

// wake says that there is work.
func (p *pump) wake() {
	p.mu.Lock()
	p.woken = true
	start := !p.running
	p.running = true
	p.mu.Unlock()
	if start {
		go p.run()
	}
}

func (p *pump) run() {
	for {
		p.mu.Lock()
		if !p.woken {
			p.running = false
			p.mu.Unlock()
			return
		}
		p.woken = false
		p.mu.Unlock()
		for p.work() {
		}
	}
}
