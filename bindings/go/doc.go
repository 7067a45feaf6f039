// Package codriver drives the GitHub Copilot agent runtime: it starts the runtime (or connects to one), opens sessions, sends
// prompts, and answers what the runtime asks on the way, from permissions to the files that a session is stored in.
//
//	client, err := codriver.Start(ctx, codriver.Options{})
//	session, err := client.CreateSession(ctx, codriver.SessionConfig{Model: "gpt-5"})
//	turn, err := session.SendAndWait(ctx, codriver.Prompt("What is the capital of France?"))
//	fmt.Println(turn.Text())
//
// All behaviour is in a core that is written in Rust and the same in every language; this package gives it the shape of Go.
//
// # What holds everywhere
//
// A context bounds its call, and never the life of the runtime or of a session: [Client.Stop] and [Session.Close] end those.
// A call whose context ends is cancelled in the core too; where it was over by then, its result is given.
//
// Handlers are called on goroutines of their own and may take their time, call the client, and panic: a panic is a handler
// error, which is counted and told to [SessionConfig.OnHandlerError]. Their context ends when nobody waits for the answer
// any more. Event handlers of one session run one at a time, in wire order.
//
// Nothing is approved by omission. Without OnPermissionRequest nothing is approved, one that fails says that the user is not
// available, and a [PreToolUse] hook that fails denies the tool.
//
// Events are not lost: up to 64 MiB are kept for a session whose handlers are slow, then pieces of one message are put
// together, and what is live only gives way to one event that says how many there were ([Event.IsLost]).
//
// Errors are [*Error], with a number and a name that are the same in every language; errors.Is compares them with a [Kind]
// such as [ErrSessionNotFound].
//
// # Building
//
// The core is linked statically, with cgo. In a checkout, `build/native go` builds it once; then `go build` does the rest, and
// the program needs nothing else.
package codriver

//go:generate go run ./internal/gen
