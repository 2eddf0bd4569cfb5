package helm

import (
	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

// addMissing adds the values key under which an absent field can be given. n is
// the key or first node of the nearest ancestor that exists.
func (f *output) addMissing(*lint.Origin, *yaml.Node, string) {}
