package kustomize

import (
	"os"
	"strings"
	"testing"
)

// The label with which kustomize names itself has the version that is made of the library in go.mod: both change together.
func TestRelease(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	libraries := map[string]string{"v5.8.2": "v0.21.2"} // by the releases, as their own go.mod has it
	if want := "sigs.k8s.io/kustomize/api " + libraries[release] + "\n"; !strings.Contains(string(mod), want) {
		t.Errorf("go.mod lacks %q: release %s is not made of it", want, release)
	}
}
