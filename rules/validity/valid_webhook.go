package validity

import (
	"net/url"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
)

// ValidWebhook reports configurations of admission webhooks and policies that the API server
// refuses: a URL without TLS, a webhook without a version, a timeout out of range.
//
// The webhook or policy is not there, and what it should have refused is admitted.
//
// The expressions of policies are not evaluated.
var ValidWebhook = &lint.Rule{
	ID:        "valid-webhook",
	Title:     "Admission webhook or policy is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{admissionGroup, "ValidatingWebhookConfiguration", webhooks},
		kind{admissionGroup, "MutatingWebhookConfiguration", append([]row{
			{"webhooks[].reinvocationPolicy", oneOf("Never", "IfNeeded")},
		}, webhooks...)},
		kind{admissionGroup, "ValidatingAdmissionPolicy", []row{
			{"spec", requires("matchConstraints")},
			{"spec.matchConstraints", requires("resourceRules")},
			{"spec.matchConstraints.resourceRules[]", admissionRule},
			{"spec.failurePolicy", oneOf("Fail", "Ignore")},
			{"spec.validations[]", requires("expression")},
			{"spec.matchConstraints.excludeResourceRules[]", admissionRule},
			{"spec.matchConstraints.matchPolicy", matchPolicy},
			{"spec.validations[].reason", oneOf("Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge")},
			{"spec.matchConstraints.namespaceSelector", labelSelector},
			{"spec.matchConstraints.objectSelector", labelSelector},
			{"spec.matchConditions[]", requires("name", "expression")},
			{"spec.matchConditions[].name", qualified},
			{"spec.matchConditions", unique("name")},
			{"spec.variables[]", requires("name", "expression")},
			{"spec.auditAnnotations[]", requires("key", "valueExpression")},
			{"spec.auditAnnotations[].key", qualified},
			{"spec.auditAnnotations", unique("key")},
			{"spec.paramKind", requires("apiVersion", "kind")},
			{"spec", func(s subject, v lint.Value) {
				if known(v, v.Get("validations"), v.Get("auditAnnotations")) && isEmpty(v.Get("validations")) && isEmpty(v.Get("auditAnnotations")) {
					s.refuseFor(v.Get("validations"), "must have at least one element unless auditAnnotations has", "one of the two", "add an element to validations or auditAnnotations")
				}
			}},
		}},
		kind{admissionGroup, "ValidatingAdmissionPolicyBinding", []row{
			{"spec", requires("policyName", "validationActions")},
			{"spec.policyName", dnsSubdomain},
			{"spec.matchResources.matchPolicy", matchPolicy},
			{"spec.matchResources.namespaceSelector", labelSelector},
			{"spec.matchResources.objectSelector", labelSelector},
			{"spec.matchResources.resourceRules[]", admissionRule},
			{"spec.matchResources.excludeResourceRules[]", admissionRule},
			{"spec.paramRef", oneField("one of name or selector", "name", "selector")},
			{"spec.validationActions[]", oneOf("Deny", "Warn", "Audit")},
			{"spec.validationActions", unique("")},
			{"spec.validationActions", func(s subject, v lint.Value) {
				if l := v.Strings(); slices.Contains(l, "Deny") && slices.Contains(l, "Warn") {
					s.refuseFor(v, "must not contain both Deny and Warn", "one of the two", "remove Deny or Warn from "+s.path(v))
				}
			}},
		}},
	),
}

const admissionGroup = "admissionregistration.k8s.io"

// webhooks is what the configurations have in common.
var webhooks = []row{
	{"webhooks", unique("name")},
	{"webhooks[]", webhook},
	{"webhooks[].matchConditions[]", requires("name", "expression")},
	{"webhooks[].matchConditions[].name", qualified},
	{"webhooks[].matchConditions", unique("name")},
	{"webhooks[].admissionReviewVersions", unique("")},
	{"webhooks[].timeoutSeconds", between(1, 30)},
	{"webhooks[].matchPolicy", matchPolicy},
	{"webhooks[].namespaceSelector", labelSelector},
	{"webhooks[].objectSelector", labelSelector},
	{"webhooks[].clientConfig", clientConfig},
	{"webhooks[].rules[]", admissionRule},
}

var matchPolicy = oneOf("Exact", "Equivalent")

func webhook(s subject, v lint.Value) {
	if !v.IsMap() || !known(v) {
		return
	}
	required(s, v.Get("name"))
	text("must be a domain name of at least three segments", "a form such as check.example.com", func(t string) []string {
		if strings.Count(t, ".") < 2 {
			return []string{t}
		}
		return validation.IsDNS1123Subdomain(t)
	})(s, v.Get("name"))
	required(s, v.Get("clientConfig"))
	inV1(required)(s, v.Get("sideEffects"))
	inV1(oneOf("None", "NoneOnDryRun"))(s, v.Get("sideEffects"))
	inV1(required)(s, v.Get("admissionReviewVersions"))
	if versions := v.Get("admissionReviewVersions").Strings(); len(versions) > 0 && known(v.Get("admissionReviewVersions")) && !slices.Contains(versions, "v1") && !slices.Contains(versions, "v1beta1") {
		s.refuse(v.Get("admissionReviewVersions"), "must include at least one of v1 and v1beta1", "v1")
	}
}

func clientConfig(s subject, v lint.Value) {
	oneField("one of url or service", "url", "service")(s, v)
	address := v.Get("url")
	if u, err := url.Parse(address.Text()); address.IsKnown() && address.Text() != "" {
		switch {
		case err != nil || u.Host == "":
			s.Report(lint.Diagnostic{Object: s.object, At: address, Message: s.label() + " sets " + s.path(address) + " to what is no URL; want the form https://host:port/path", Fix: lint.Intent{Title: "change " + s.path(address) + " to the form https://host:port/path"}})
		case u.Scheme != "https":
			s.refuseFor(address, "must have https as its scheme", "https", "write "+s.path(address)+" with https")
		case u.User != nil: // which may be a password: the message does not show it
			s.Report(lint.Diagnostic{Object: s.object, At: address, Secret: true, Message: s.label() + " sets " + s.path(address) + " with a user in it; want none", Fix: lint.Intent{Title: "remove the user from " + s.path(address)}})
		case u.Fragment != "" || u.RawQuery != "":
			s.refuseFor(address, "may not hold a query or fragment", "it without", "remove the query and the fragment of "+s.path(address))
		}
	}
	service := v.Get("service")
	requires("name", "namespace")(s, service)
	portNumber(s, service.Get("port"))
	absolutePath(s, service.Get("path"))
}

// admissionRule is which requests a webhook or policy sees.
func admissionRule(s subject, v lint.Value) {
	if !v.IsMap() || !known(v) {
		return
	}
	for _, field := range []string{"apiGroups", "apiVersions", "operations", "resources"} {
		list := v.Get(field)
		if !list.IsKnown() {
			continue
		}
		required(s, list)
		if field != "resources" && list.Len() > 1 && slices.Contains(list.Strings(), "*") {
			s.refuseFor(list, "must have no other value if it has *", "* alone", "remove the values beside * from "+s.path(list))
		}
	}
	for op := range v.Get("operations").Items() {
		oneOf("CREATE", "UPDATE", "DELETE", "CONNECT", "*")(s, op)
	}
	oneOf("Cluster", "Namespaced", "*")(s, v.Get("scope"))
}
