package cli

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/kubevet/kubevet/internal/session"
)

// BenchmarkEditor is the answer to a keystroke in a file, such as the values of a
// chart: all that the language server does but for the time that it waits for the
// next one.
func BenchmarkEditor(b *testing.B) {
	file := filepath.Join("examples", "platform", "charts", "web", "values.yaml")
	if f := os.Getenv("KUBEVET_BENCH_FILE"); f != "" {
		file = f
	}
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	s := session.New(session.Options{Jobs: 2})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		r, err := s.LintEdited(b.Context(), []string{file}, map[string][]byte{file: append(text, "\n# "+strconv.Itoa(i)...)})
		if err != nil || len(r.Report.Findings) == 0 {
			b.Fatalf("%+v, %v", r, err)
		}
	}
}
