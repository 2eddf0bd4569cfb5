package trace

import (
	"encoding/json"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// Conversions are the conversions between YAML and values that the templates of a chart made. Most are made again in each
// of its scenarios, and for each fix that is tried: to parse YAML takes longer than all else that most templates do.
type Conversions struct {
	mu   sync.Mutex
	size int
	// toYAML has the YAML of values by their JSON, and fromYAML the values of YAML. These must be copied.
	toYAML   map[string]string
	fromYAML map[string]map[string]any
}

// Limits of what is kept.
const (
	maxConversions = 16 << 20 // bytes
	sizeOfValues   = 8        // how many times as much memory as their text values take
)

// keep adds to what is kept, unless that is too much.
func (c *Conversions) keep(size int, add func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size+size > maxConversions {
		return
	}
	if c.toYAML == nil {
		c.toYAML, c.fromYAML = map[string]string{}, map[string]map[string]any{}
	}
	c.size += size
	add()
}

// marshal is Helm's toYaml: it marshals to JSON, and that to YAML.
func (c *Conversions) marshal(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	c.mu.Lock()
	text, known := c.toYAML[string(data)]
	c.mu.Unlock()
	if known {
		return text
	}
	made, err := yaml.JSONToYAML(data)
	if err != nil {
		return ""
	}
	text = strings.TrimSuffix(string(made), "\n")
	c.keep(len(data)+len(text), func() { c.toYAML[string(data)] = text })
	return text
}

// parse is Helm's fromYaml.
func (c *Conversions) parse(text string) map[string]any {
	c.mu.Lock()
	v, known := c.fromYAML[text]
	c.mu.Unlock()
	if !known {
		v = decodeMap(text, unmarshalYAML)
		c.keep(sizeOfValues*len(text), func() { c.fromYAML[strings.Clone(text)] = v })
	}
	m, _ := copyOf(v).(map[string]any)
	return m
}

// copyOf is a copy of what JSON can hold.
func copyOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v == nil {
			return v
		}
		c := make(map[string]any, len(v))
		for k, x := range v {
			c[k] = copyOf(x)
		}
		return c
	case []any:
		if v == nil {
			return v
		}
		c := make([]any, len(v))
		for i, x := range v {
			c[i] = copyOf(x)
		}
		return c
	}
	return v
}
