package validity

import (
	"encoding/base64"
	"encoding/json"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// ValidData reports ConfigMaps and Secrets that the API server refuses: a key with characters that
// no file may have, more data than 1 MiB, a Secret that lacks what its type demands.
//
// Pods that mount the object do not start.
//
// Values are never printed. Placeholders for data are not decoded, and data that SOPS has encrypted
// is skipped.
var ValidData = &lint.Rule{
	ID:        "valid-data",
	Title:     "ConfigMap or Secret is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"", "ConfigMap", []row{
			{"data", keys(configKey)},
			{"binaryData", keys(configKey)},
			{"binaryData", func(s subject, v lint.Value) {
				for key, c := range v.Entries() {
					if s.Get("data").Child(key).IsSet() {
						s.refuseFor(c.AtKey(), "is a duplicate of a key in data", "one of the two", "remove the key from data or from binaryData")
					}
				}
			}},
			{"", dataSize("data", "binaryData")},
		}},
		kind{"", "Secret", []row{
			{"data", keys(configKey)},
			{"stringData", keys(configKey)},
			{"", dataSize("data", "stringData")},
			{"type", secretType},
		}},
	),
}

// maxData is how many bytes the data of an object may have.
const maxData = 1 << 20

func dataSize(fields ...string) constraint {
	return func(s subject, v lint.Value) {
		size := 0
		for _, field := range fields {
			for _, c := range v.Get(field).Entries() {
				if c.IsScalar() {
					n := len(c.Node.Value)
					if field == "binaryData" || field == "data" && s.object.Kind == "Secret" {
						n = base64.StdEncoding.DecodedLen(n)
					}
					size += n
				}
			}
		}
		if size > maxData+2 && v.Get(fields[0]).IsSet() {
			s.Report(lint.Diagnostic{Object: s.object, At: v.Get(fields[0]), Message: s.label() + " holds more data than 1048576 bytes; want less", Fix: lint.Intent{Title: "split the data over several objects, or keep it in a volume"}})
		}
	}
}

// typeKeys are the keys that a Secret of a type must have.
var typeKeys = map[string][]string{
	"kubernetes.io/tls":              {"tls.crt", "tls.key"},
	"kubernetes.io/ssh-auth":         {"ssh-privatekey"},
	"kubernetes.io/dockerconfigjson": {".dockerconfigjson"},
	"kubernetes.io/dockercfg":        {".dockercfg"},
}

func secretType(s subject, v lint.Value) {
	data, plain := s.Get("data"), s.Get("stringData")
	if !known(v, data, plain) {
		return
	}
	has := func(key string) bool {
		return hasKey(data, key) || hasKey(plain, key)
	}
	for _, key := range typeKeys[v.Text()] {
		if !has(key) {
			s.Report(lint.Diagnostic{Object: s.object, At: data, Message: "Secret of type " + v.Text() + " does not set data[" + key + "], which is required; want it set", Fix: lint.Intent{Title: "set data[" + key + "]"}})
		}
	}
	switch v.Text() {
	case "kubernetes.io/basic-auth":
		if !has("username") && !has("password") {
			s.Report(lint.Diagnostic{Object: s.object, At: data, Message: "Secret of type " + v.Text() + " sets neither username nor password; want one of the two", Fix: lint.Intent{Title: "set username or password in data"}})
		}
	case "kubernetes.io/service-account-token":
		account := s.Get("metadata.annotations").Child("kubernetes.io/service-account.name")
		if isEmpty(account) && account.IsKnown() {
			s.refuse(account, "is required for a Secret of type "+v.Text(), "it set")
		}
	case "kubernetes.io/dockerconfigjson":
		dockerConfig(s, ".dockerconfigjson")
	case "kubernetes.io/dockercfg":
		dockerConfig(s, ".dockercfg")
	}
}

// hasKey reports a key that is there, be it with an empty value.
func hasKey(v lint.Value, key string) bool {
	for k := range v.Entries() {
		if k == key {
			return true
		}
	}
	return false
}

// dockerConfig is the credentials of a registry, which must be JSON.
func dockerConfig(s subject, key string) {
	v := s.Get("stringData").Child(key)
	text := []byte(v.Text())
	if !v.IsSet() {
		v = s.Get("data").Child(key)
		decoded, err := base64.StdEncoding.DecodeString(v.Text())
		if err != nil {
			return // field-types reports it
		}
		text = decoded
	}
	if v.IsScalar() && v.IsKnown() && len(text) > 0 && !json.Valid(text) && !node.HasPlaceholder(string(text)) {
		s.Report(lint.Diagnostic{Object: s.object, At: v, Secret: true, Message: "Secret sets " + s.path(v) + " to what is not JSON; want the configuration of a registry", Fix: lint.Intent{Title: "change " + s.path(v) + " to the configuration of a registry, as JSON"}})
	}
}
