package codriver

import (
	"context"
	"encoding/json"

	"github.com/codriver/go/codriver/internal/cabi"
)

// UI asks the user, through whoever shows the session; from [Session.UI]. Its methods fail with [ErrInvalidConfig] where
// nobody can show a form: the runtime would never answer.
type UI struct{ session *Session }

// UI gives the questions to the user.
func (s *Session) UI() UI { return UI{s} }

// Elicitation shows a form: schema is a flat JSON schema object, anything that encodes to one. The answer has what the user
// entered, if they did.
func (u UI) Elicitation(ctx context.Context, message string, schema any) (*ElicitationResult, error) {
	wanted, err := json.Marshal(schema)
	if err != nil {
		return nil, newError(ErrInvalidArgument, "the schema has no JSON: %v", err)
	}
	var result ElicitationResult
	text, err := cabi.SessionUIElicitation(ctx, u.session.handle, message, wanted)
	if err := read(text, err, &result); err != nil {
		return nil, err
	}
	return &result, nil
}

// Confirm asks a yes-or-no question; anything but a yes is false.
func (u UI) Confirm(ctx context.Context, message string) (bool, error) {
	var yes bool
	text, err := cabi.SessionUIConfirm(ctx, u.session.handle, message)
	err = read(text, err, &yes)
	return yes, err
}

// Select lets the user choose one of choices; false where they did not.
func (u UI) Select(ctx context.Context, message string, choices []string) (string, bool, error) {
	wanted, err := json.Marshal(choices)
	if err != nil {
		return "", false, newError(ErrInvalidArgument, "the choices have no JSON: %v", err)
	}
	return given(cabi.SessionUISelect(ctx, u.session.handle, message, wanted))
}

// Input lets the user enter a line; false where they did not.
func (u UI) Input(ctx context.Context, message string) (string, bool, error) {
	return given(cabi.SessionUIInput(ctx, u.session.handle, message))
}

func given(text []byte, err error) (string, bool, error) {
	var answer *string
	if err := read(text, err, &answer); err != nil || answer == nil {
		return "", false, err
	}
	return *answer, true, nil
}
