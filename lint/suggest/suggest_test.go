package suggest

import "testing"

func TestClosest(t *testing.T) {
	words := []string{"run-as-non-root", "no-host-pid", "no-host-ipc"}
	for word, want := range map[string]string{"no-hostpid": "no-host-pid", "run-as-nonroot": "run-as-non-root", "on-host-pdi": "no-host-pid", "zzz": "", "": ""} {
		if got := Closest(word, words); got != want {
			t.Errorf("Closest(%s) = %q, want %q", word, got, want)
		}
	}
}
