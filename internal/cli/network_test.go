package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// TestNetworkPage fails if the output on the page about the network, or the graph that its
// picture shows, is not what the program prints. Draw the picture again if the graph changed:
// dot -Tsvg docs/network.dot -o docs/network.svg.
func TestNetworkPage(t *testing.T) {
	run := func(args ...string) string {
		var out, failed bytes.Buffer
		if code := Main(append([]string{"network"}, args...), strings.NewReader(""), &out, &failed); code != lint.ExitClean {
			t.Fatalf("exit code %d: %s", code, failed.String())
		}
		return out.String()
	}
	page, err := os.ReadFile(filepath.Join("docs", "network.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "$ kubevet network examples/platform\n" + run("examples/platform") + "```\n"; !strings.Contains(string(page), want) {
		t.Errorf("docs/network.md lacks:\n%s", want)
	}
	graph, err := os.ReadFile(filepath.Join("docs", "network.dot"))
	if err != nil {
		t.Fatal(err)
	}
	if want := run("--format", "dot", "examples/platform"); string(graph) != want {
		t.Errorf("docs/network.dot is stale; want:\n%s", want)
	}
}
