//go:build codriver_test_hooks

package codriver

// Handle gives the client's id of the C interface; for tests and benchmarks only.
func (c *Client) Handle() uint64 { return c.id }
