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
