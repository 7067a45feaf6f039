package codriver

import "sync"

// listeners are handlers that are called in the order they were added.
type listeners[T any] struct {
	mu   sync.Mutex
	last int
	all  []listener[T]
}

type listener[T any] struct {
	number int
	call   func(T)
}

func (l *listeners[T]) add(call func(T)) (off func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	number := l.last
	l.all = append(l.all[:len(l.all):len(l.all)], listener[T]{number, call})
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		var left []listener[T]
		for _, other := range l.all {
			if other.number != number {
				left = append(left, other)
			}
		}
		l.all = left
	}
}

func (l *listeners[T]) call(value T) {
	l.mu.Lock()
	all := l.all
	l.mu.Unlock()
	for _, listener := range all {
		guarded(func() { listener.call(value) })
	}
}
