package fixes

import "testing"

// TestRenameKey: a key that goes on, or is a part of another one, is another key.
func TestRenameKey(t *testing.T) {
	for _, tt := range []struct {
		fix, want string
		has       bool
	}{
		{"set sub.image: a", "set image: a", true},
		{"set sub.image.tag: a", "set sub.image.tag: a", false},
		{"set sub.image.tag: a and sub.image: b; if x", "set sub.image.tag: a and image: b; if x", true},
		{"fill sub.image", "fill image", true},
		{"set my.sub.image: a", "set my.sub.image: a", false},
	} {
		if got, has := RenameKey(tt.fix, "sub.image", "image"); got != tt.want || has != tt.has {
			t.Errorf("%s: %s, %v", tt.fix, got, has)
		}
	}
}
