package codriver

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
)

type weather struct {
	City  string `json:"city" jsonschema:"the city's name"`
	Units string `json:"units,omitempty"`
}

func TestAToolsSchemaComesFromItsArguments(t *testing.T) {
	tool := NewTool("weather", "Tells the weather", func(_ context.Context, in weather) (string, error) {
		return "22 °C in " + in.City, nil
	})
	text := must(json.Marshal(tool))
	var told struct {
		Name       string
		Parameters struct {
			Type       string
			Required   []string
			Properties map[string]struct{ Type, Description string }
		}
	}
	if err := json.Unmarshal(text, &told); err != nil {
		t.Fatal(err)
	}
	city := told.Parameters.Properties["city"]
	if told.Parameters.Type != "object" || city.Type != "string" || city.Description != "the city's name" ||
		len(told.Parameters.Required) != 1 {
		t.Errorf("the tool is %s", text)
	}
}

func TestArgumentsThatDoNotFitAreToldToTheModel(t *testing.T) {
	called := 0
	tool := NewTool("weather", "", func(_ context.Context, in weather) (string, error) { called++; return in.City, nil })
	for _, arguments := range []string{`{}`, `{"city":5}`, `{"city":"a","town":"b"}`, `[]`, `"{`} {
		answer, err := tool.Handler(context.Background(), &ToolInvocation{Arguments: json.RawMessage(arguments)})
		result, ok := answer.(ToolResult)
		if err != nil || !ok || result.ResultType != "failure" || !contains(result.TextResultForLLM, "invalid arguments") {
			t.Errorf("%s: %v, %v", arguments, answer, err)
		}
	}
	answer, err := tool.Handler(context.Background(), &ToolInvocation{Arguments: json.RawMessage(`{"city":"Paris"}`)})
	if err != nil || answer != "Paris" || called != 1 {
		t.Errorf("%v, %v, called %d times", answer, err, called)
	}
}

func TestAToolThatCannotHaveASchemaIsRefusedByName(t *testing.T) {
	tool := NewTool("odd", "", func(context.Context, []string) (string, error) { return "", nil })
	_, _, err := (&SessionConfig{Tools: []Tool{tool}}).split()
	if !errors.Is(err, ErrInvalidConfig) || !contains(err.Error(), "tools.odd") {
		t.Errorf("got %v", err)
	}
}
