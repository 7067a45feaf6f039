package codriver

import "sync"

// pump runs work on one goroutine at a time, for as long as there is some: without any it has none.
type pump struct {
	// work does some of it, and says whether there is more. What it calls may end the goroutine; then it is called on another
	// one, and goes on with what is left.
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
	ended := false
	defer func() {
		if ended {
			return
		}
		// A handler has ended this goroutine (runtime.Goexit, which a test's Fatal calls too). The work goes on without it.
		p.mu.Lock()
		p.woken = true
		p.mu.Unlock()
		go p.run()
	}()
	for {
		p.mu.Lock()
		if !p.woken {
			p.running = false
			ended = true
			p.mu.Unlock()
			return
		}
		p.woken = false
		p.mu.Unlock()
		for p.work() {
		}
	}
}
