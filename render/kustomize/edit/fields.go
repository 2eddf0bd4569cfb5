package edit

import (
	"bytes"
	"encoding/json"

	"sigs.k8s.io/kustomize/api/types"
)

// Without takes entries out of a kustomization.
func Without(s *types.Kustomization, dropped func(field string, i int) bool) {
	cut(&s.Resources, "resources", dropped)
	cut(&s.Bases, "bases", dropped)
	cut(&s.Components, "components", dropped)
	cut(&s.Generators, "generators", dropped)
	cut(&s.Transformers, "transformers", dropped)
	cut(&s.Validators, "validators", dropped)
	cut(&s.Crds, "crds", dropped)
	cut(&s.Configurations, "configurations", dropped)
	cut(&s.Patches, "patches", dropped)
	cut(&s.PatchesStrategicMerge, "patchesStrategicMerge", dropped)
	cut(&s.PatchesJson6902, "patchesJson6902", dropped)
	cut(&s.Replacements, "replacements", dropped)
	cut(&s.ConfigMapGenerator, "configMapGenerator", dropped)
	cut(&s.SecretGenerator, "secretGenerator", dropped)
	cut(&s.HelmCharts, "helmCharts", dropped)
	cut(&s.HelmChartInflationGenerator, "helmChartInflationGenerator", dropped)
	cut(&s.Vars, "vars", dropped)
	cut(&s.Images, "images", dropped)
	cut(&s.Replicas, "replicas", dropped)
	if dropped("openapi", -1) {
		s.OpenAPI = nil
	}
}

func cut[T any](list *[]T, field string, dropped func(string, int) bool) {
	var kept []T
	for i, e := range *list {
		if !dropped(field, i) {
			kept = append(kept, e)
		}
	}
	*list = kept
}

// PathAt is the way to the innermost value of a JSON text that begins before an offset and does not
// end before it: keys and indexes.
func PathAt(j []byte, offset int64) (way []any) {
	d := json.NewDecoder(bytes.NewReader(j))
	var value func() bool
	value = func() bool {
		token, err := d.Token()
		if err != nil {
			return false
		}
		if d.InputOffset() >= offset {
			return true
		}
		begin, ok := token.(json.Delim)
		if !ok {
			return false
		}
		for i := 0; d.More(); i++ {
			var step any = i
			if begin == '{' {
				if step, err = d.Token(); err != nil {
					return false
				}
			}
			way = append(way, step)
			if value() {
				return true
			}
			way = way[:len(way)-1]
		}
		_, _ = d.Token() // the end; a text whose only fault is the type of a value has it
		return false
	}
	if !value() {
		return nil
	}
	return way
}

// Put puts a value into a JSON text in place of that at some way. Nil takes the value out: an element
// becomes null.
func Put(j []byte, way []any, value any) ([]byte, bool) {
	var root any
	d := json.NewDecoder(bytes.NewReader(j))
	d.UseNumber()
	if d.Decode(&root) != nil {
		return nil, false
	}
	at := root
	for i, step := range way {
		last := i == len(way)-1
		switch in := at.(type) {
		case map[string]any:
			key, ok := step.(string)
			switch {
			case !ok:
				return nil, false
			case last && value == nil:
				delete(in, key)
			case last:
				in[key] = value
			}
			at = in[key]
		case []any:
			index, ok := step.(int)
			if !ok || index >= len(in) {
				return nil, false
			}
			if last {
				in[index] = value
			}
			at = in[index]
		default:
			return nil, false
		}
	}
	out, err := json.Marshal(root)
	return out, err == nil
}

// StripField takes a key out of every mapping of a JSON text.
func StripField(j []byte, key string) ([]byte, bool) {
	var v any
	d := json.NewDecoder(bytes.NewReader(j))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	if !strip(v, key) {
		return nil, false
	}
	out, err := json.Marshal(v)
	return out, err == nil
}

// strip takes the first key out of the outermost mappings that hold it.
func strip(v any, key string) bool {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v[key]; ok {
			delete(v, key)
			return true
		}
		found := false
		for _, c := range v {
			found = strip(c, key) || found
		}
		return found
	case []any:
		found := false
		for _, c := range v {
			found = strip(c, key) || found
		}
		return found
	}
	return false
}

// Encode writes a kustomization. One without entries keeps an empty list, for
// kustomize refuses an empty one.
func Encode(s types.Kustomization) ([]byte, error) {
	out, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	if len(s.Resources) == 0 {
		sep := ","
		if bytes.Equal(out, []byte("{}")) {
			sep = ""
		}
		out = append([]byte(`{"resources":[]`+sep), out[1:]...)
	}
	return out, nil
}
