//go:build codriver_test_hooks

package cabi

import "testing"

// deep calls f with depth more frames on the stack.
func deep(depth int, f func()) {
	if depth > 0 {
		deep(depth-1, f)
		return
	}
	f()
}

func TestAStackThatGrowsWithinACallbackHoldsNoPointerThatIsNone(t *testing.T) {
	// At some depth the stack has to grow just there.
	for depth := range 2_000 {
		testDoneWithNothing(func(done func()) {
			over := make(chan bool)
			go func() {
				defer close(over)
				deep(depth, done)
			}()
			<-over
		})
	}
}
