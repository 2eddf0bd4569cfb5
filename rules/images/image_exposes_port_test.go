package images

import "testing"

func TestHasNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"80": true, "--port=80": true, "0.0.0.0:80,x": true, "8080": false, "180": false, "808080": false, "": false, "port": false, "8080 80": true} {
		if got := hasNumber(text, "80"); got != want {
			t.Errorf("hasNumber(%q) = %v, want %v", text, got, want)
		}
	}
}
