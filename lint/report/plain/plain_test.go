package plain

import "testing"

// The fast way of Text gives what the slow one gives.
func TestIsOrdinary(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, "plain text: 1": true, "::x": false, "  ::x": false, "a::x": true, "##[x": false, "# a": true, "a\tb": false, "é": false, "\x7f": false,
	} {
		if got := IsOrdinary(s); got != want {
			t.Errorf("IsOrdinary(%q) is %t", s, got)
		}
	}
}
