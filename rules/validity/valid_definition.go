package validity

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
)

// ValidDefinition reports CustomResourceDefinitions and APIServices that the API server refuses: a name that is not
// that of the resource or version and its group, no version that is stored, a version without a schema.
//
// None of the objects of the definition can be made, and its operator does not start.
//
// Schemas are not checked beyond that they are there, since their rules are those of OpenAPI. One that is only a reference to another
// document is the input of a program that makes the definition.
var ValidDefinition = &lint.Rule{
	ID:        "valid-definition",
	Title:     "CustomResourceDefinition or APIService is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"apiextensions.k8s.io", "CustomResourceDefinition", []row{
			{"spec", func(s subject, v lint.Value) {
				if s.object.APIVersion == "apiextensions.k8s.io/v1" {
					requires("group", "versions", "scope", "names")(s, v)
				} else { // v1beta1 has the field version, too
					requires("group", "names")(s, v)
				}
			}},
			{"spec.group", dnsSubdomain},
			{"spec.scope", oneOf("Cluster", "Namespaced")},
			{"spec.names", requires("plural", "kind")},
			{"spec.names.kind", mixedLabel},
			{"spec.names.listKind", mixedLabel},
			{"spec.names.categories[]", dnsLabel},
			{"spec.names.plural", dnsLabel},
			{"spec.preserveUnknownFields", func(s subject, v lint.Value) {
				if v.True() && s.object.APIVersion == "apiextensions.k8s.io/v1" {
					s.refuseFor(v, "may not be true", "x-kubernetes-preserve-unknown-fields in the schema", "remove "+s.path(v)+", and set x-kubernetes-preserve-unknown-fields: true in the schema")
				}
			}},
			{"spec.versions[]", func(s subject, v lint.Value) {
				if w := v.Get("deprecationWarning"); w.IsSet() && !v.Get("deprecated").True() && v.Get("deprecated").IsKnown() {
					s.refuseFor(w, "may be set only for versions that are deprecated", "deprecated: true", "set deprecated: true, or remove "+s.path(w))
				}
			}},
			{"spec.versions[].schema.openAPIV3Schema", rootSchema},
			{"spec.names.singular", dnsLabel},
			{"spec.names.shortNames[]", dnsLabel},
			{"spec.versions", unique("name")},
			{"spec.versions[]", requires("name")},
			{"spec.conversion", requires("strategy")},
			{"spec.versions[].name", dnsLabel},
			{"spec", definition},
			{"spec.conversion.strategy", oneOf("None", "Webhook")},
		}},
		kind{"apiregistration.k8s.io", "APIService", []row{
			{"spec.groupPriorityMinimum", between(1, 20000)},
			{"spec.versionPriority", between(1, 1000)},
			{"spec.service", requires("name", "namespace")},
			{"spec", apiService},
		}},
	),
}

// apiService is a version of an API that another server has. Without a service, the API server has it itself.
func apiService(s subject, v lint.Value) {
	group, version, name, service := v.Get("group"), v.Get("version"), s.Get("metadata.name"), v.Get("service")
	if !v.IsMap() || !known(v, group, version, name, service) {
		return
	}
	if want := version.Text() + "." + group.Text(); !isEmpty(version) && !isEmpty(group) && name.IsSet() && name.Text() != want {
		s.refuse(name, "must be spec.version+\".\"+spec.group", want)
	}
	skip, bundle := v.Get("insecureSkipTLSVerify"), v.Get("caBundle")
	switch {
	case !service.IsSet() && skip.True():
		s.refuse(skip, "may not be true without a service", "it removed")
	case !service.IsSet() && !isEmpty(bundle):
		s.refuse(bundle, "may not be set without a service", "it removed")
	case skip.True() && !isEmpty(bundle) && bundle.IsKnown():
		s.refuse(skip, "may not be true when caBundle is set", "it removed")
	}
}

// mixedLabel is a DNS label but for capitals.
var mixedLabel = text("must be a DNS label but for capitals", "letters, digits and dashes", func(t string) []string {
	return validation.IsDNS1035Label(strings.ToLower(t))
})

// rootSchema is the schema of an object as a whole. A reference to another document is for a program that puts the schema in its place.
func rootSchema(s subject, v lint.Value) {
	ref := v.Get("$ref")
	switch {
	case !ref.IsSet():
	case !strings.HasPrefix(ref.Text(), "#"):
		return
	default:
		s.refuseFor(ref, "is not supported", "the schema in its place", "write the schema in place of "+s.path(ref))
		return
	}
	if typ := v.Get("type"); v.IsMap() && known(v, typ) && typ.Text() != "object" {
		s.refuse(typ, "must be object at the root", "object")
	}
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
		s.refuseFor(v.Get("versions"), "must have exactly one version marked as storage version", "storage: true once", "set storage: true in exactly one version")
	}
}
