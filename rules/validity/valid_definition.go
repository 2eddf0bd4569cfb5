package validity

import "github.com/kubevet/kubevet/lint"

// ValidDefinition reports CustomResourceDefinitions that the API server refuses: a name that is not
// that of the resource and its group, no version that is stored, a version without a schema.
//
// None of the objects of the definition can be made, and its operator does not start.
//
// Schemas are not checked beyond that they are there, since their rules are those of OpenAPI.
var ValidDefinition = &lint.Rule{
	ID:        "valid-definition",
	Title:     "CustomResourceDefinition is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "write the field as the API server demands",
	Check: objects(
		kind{"apiextensions.k8s.io", "CustomResourceDefinition", []row{
			{"spec", needs("group", "versions", "scope", "names")},
			{"spec.group", dnsSubdomain},
			{"spec.scope", oneOf("Cluster", "Namespaced")},
			{"spec.names", needs("plural", "kind")},
			{"spec.names.plural", dnsLabel},
			{"spec.names.singular", dnsLabel},
			{"spec.names.shortNames[]", dnsLabel},
			{"spec.versions", unique("name")},
			{"spec.versions[].name", dnsLabel},
			{"spec", definition},
			{"spec.conversion.strategy", oneOf("None", "Webhook")},
		}},
	),
}

func definition(s subject, v lint.Value) {
	plural, group, name := v.Get("names.plural"), v.Get("group"), s.Get("metadata.name")
	if want := plural.Text() + "." + group.Text(); known(plural, group, name) && plural.IsSet() && group.IsSet() && name.IsSet() && name.Text() != want {
		s.refuse(name, "must be spec.names.plural+\".\"+spec.group", want)
	}
	if s.object.APIVersion != "apiextensions.k8s.io/v1" || !known(v.Get("versions")) {
		return
	}
	stored := 0
	for version := range v.Get("versions").Items() {
		if !known(version, version.Get("storage")) {
			return
		}
		if version.Get("storage").True() {
			stored++
		}
		if schema := version.Get("schema"); !schema.IsSet() && schema.IsKnown() {
			s.refuse(schema, "is required", "it set")
		}
	}
	if stored != 1 && v.Get("versions").Len() > 0 {
		s.refuse(v.Get("versions"), "must have exactly one version marked as storage version", "storage: true once")
	}
}
