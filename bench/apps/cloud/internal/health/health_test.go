package health

import (
	"net/http/httptest"
	"testing"
)

func TestAsk(t *testing.T) {
	state := NewState("1.2.3")
	server := httptest.NewServer(state)
	defer server.Close()
	for _, ready := range []bool{false, true} {
		if ready {
			state.SetReady()
		}
		got, err := Ask(t.Context(), server.URL)
		if want := (Status{Ready: ready, Version: "1.2.3"}); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}
