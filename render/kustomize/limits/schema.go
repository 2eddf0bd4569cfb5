package limits

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/node"
)

var errCircle = errors.New("a definition refers to itself")

// OpenAPI reports what is wrong with an OpenAPI schema, as JSON, that kustomize would
// follow without end: a reference that leads back to itself. It is nil if there is
// nothing.
func OpenAPI(schema []byte) error {
	var root any
	if err := json.Unmarshal(schema, &root); err != nil {
		return nil //nolint:nilerr // kustomize says what is wrong
	}
	return checkRefs(root, root)
}

// maxRefs is the longest chain of references that only lead to others.
const maxRefs = 32

func checkRefs(root, v any) error {
	switch v := v.(type) {
	case map[string]any:
		if !ends(root, v) {
			return errCircle
		}
		for _, c := range v {
			if err := checkRefs(root, c); err != nil {
				return err
			}
		}
	case []any:
		for _, c := range v {
			if err := checkRefs(root, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// ends reports whether the references from a schema end.
func ends(root any, schema map[string]any) bool {
	for range maxRefs {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return true
		}
		if schema, ok = pointed(root, ref).(map[string]any); !ok {
			return true
		}
	}
	return false
}

// pointed is what a reference like #/definitions/a leads to; nil if nothing.
func pointed(root any, ref string) any {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil
	}
	at, _ := node.Pointed(root, pointer)
	return at
}

// definition is what kustomize reads of a type in a file of the field crds.
type definition struct {
	Schema struct {
		Properties map[string]struct {
			Ref string `json:"$ref"`
		} `json:"properties"`
	}
}

// maxProperties is how many properties of a type kustomize may visit, those of
// the types that it refers to included.
const maxProperties = 100_000

// maxTypes is the longest row of types that refer to the next one.
const maxTypes = 200

// CRDs reports what is wrong with a file of the field crds, as JSON, that kustomize
// would follow without end, or nearly so. It is nil if there is nothing.
func CRDs(definitions []byte) error {
	var types map[string]definition
	if err := json.Unmarshal(definitions, &types); err != nil {
		return nil //nolint:nilerr // kustomize says what is wrong
	}
	c := typeCounter{types: types, sizes: map[string]int{}}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(types)) {
		n, err := c.size(name, 0)
		if err != nil {
			return err
		}
		if total = min(total+n, maxNodes); total > maxProperties {
			return fmt.Errorf("its types refer to each other so often that they have more than %d properties", maxProperties)
		}
	}
	return nil
}

// typeCounter counts the properties of types, those of the types that they refer
// to included.
type typeCounter struct {
	types map[string]definition
	sizes map[string]int // 0 while being counted
}

func (c *typeCounter) size(name string, depth int) (int, error) {
	if n, seen := c.sizes[name]; seen {
		if n == 0 {
			return 0, errCircle
		}
		return n, nil
	}
	if depth > maxTypes {
		return 0, fmt.Errorf("more than %d types refer to each other in a row", maxTypes)
	}
	c.sizes[name] = 0
	n := 1
	properties := c.types[name].Schema.Properties
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		n++
		if ref := properties[key].Ref; ref != "" {
			of, err := c.size(ref, depth+1)
			if err != nil {
				return 0, err
			}
			n = min(n+of, maxNodes)
		}
	}
	c.sizes[name] = n
	return n, nil
}
