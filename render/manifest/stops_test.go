package manifest

import (
	"fmt"
	"strings"
	"testing"
)

// The line at which the parser stops is the last one of the fewest lines that give the same error, wherever the parser needs more lines to see it.
func TestStops(t *testing.T) {
	blanks := strings.Repeat("\n", 300) + strings.Repeat("# note\n", 300)
	for name, text := range map[string]string{
		"item":         "spec:\n  ports:\n    - port: 80\n   - port: 81\nkind: Service\n",
		"key":          "metadata:\n    name: web\n  labels: {}\nkind: Service\n",
		"last line":    "metadata:\n    name: web\n  labels: {}",
		"second":       "kind: Service\n---\nmetadata:\n    name: web\n  labels: {}\n",
		"blanks after": "metadata:\n    name: web\n  labels" + blanks + "\nkind: Service\n",
		"between":      "metadata:\n    name: web\n" + blanks + "  labels: {}\n",
		"long line":    "metadata:\n    name: web\n  labels: {app: " + strings.Repeat("x", 2000) + "}\nkind: Service\n",
		"text":         "data: |\n  a\n b\nkind: ConfigMap\n",
	} {
		t.Run(name, func(t *testing.T) {
			failed := firstError(strings.NewReader(text))
			if failed == nil {
				t.Fatal("no error")
			}
			want := 0
			if strings.Contains(failed.Error(), "did not find expected") {
				lines := strings.SplitAfter(text, "\n")
				for want = 1; want < len(lines); want++ {
					if err := firstError(strings.NewReader(strings.Join(lines[:want], ""))); err != nil && err.Error() == failed.Error() {
						break
					}
				}
			}
			if got := stops([]byte(text), failed); got != want {
				t.Errorf("stops at line %d, want %d: %v", got, want, failed)
			}
		})
	}
	many := fmt.Sprintf("metadata:\n    name: web\n%s  labels: {}\n", strings.Repeat("    x: y\n", 1000))
	if got := stops([]byte(many), firstError(strings.NewReader(many))); got != 1003 {
		t.Errorf("stops at line %d of a long text", got)
	}
}
