package api

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubevet/kubevet/lint"
)

// ValidQuantity reports quantities that Kubernetes cannot read, such as 1GB, and
// amounts of memory or storage below one byte, such as 128m.
//
// The API server refuses an object with a quantity that does not parse. A
// limit of 128m is 0.128 bytes, not 128 megabytes, and is taken with a warning. What pods and
// containers request, and their limits, are then reported by resource-unit.
//
// Kubernetes knows the suffixes m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei: no B
// follows them, and there is no space before them.
var ValidQuantity = &lint.Rule{
	ID:        "valid-quantity",
	Title:     "Quantity cannot be read or is below one byte",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-denial-of-service"},
	Fix:       "write a number with one of the suffixes m, k, M, G, T, Ki, Mi, Gi and Ti",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		for _, d := range walked(p, o).quantities {
			checkQuantity(p, o, d)
		}
	}),
}

func checkQuantity(p *lint.Pass, o *lint.Object, d defect) {
	v := d.value(o)
	if isReplaced(v.Node) || isEncrypted(o) {
		return
	}
	text := strings.TrimSpace(resolve(v.Node).text)
	q, err := resource.ParseQuantity(text)
	if err != nil {
		want := repairQuantity(text)
		message := v.Path() + `: "` + text + `" is not a quantity`
		if want == "" {
			message += "; want a form like 128Mi"
		} else {
			message += "; want " + want
		}
		p.Report(lint.Diagnostic{Object: o, At: v, Message: message, Fix: lint.Intent{Value: want}})
		return
	}
	name := d.steps[len(d.steps)-1].key
	if isBytes(name) && strings.HasSuffix(text, "m") && q.Sign() > 0 && !isOfContainer(d.steps) {
		want := strings.TrimSuffix(text, "m") + "Mi"
		p.Report(lint.Diagnostic{
			Object: o, At: v, Fix: lint.Intent{Value: want},
			Message: v.Path() + ": " + text + " is in thousandths of a byte; want " + want,
		})
	}
}

// isOfContainer reports whether a quantity is what a pod or container requests or is limited
// to: resource-unit reports those that are too small.
func isOfContainer(steps []step) bool {
	n := len(steps)
	return n > 2 && steps[n-3].key == "resources" && (steps[n-1].key == "memory" || steps[n-1].key == "ephemeral-storage")
}

// isBytes reports whether the resource of that name is counted in bytes.
func isBytes(name string) bool {
	switch name = strings.TrimPrefix(strings.TrimPrefix(name, "requests."), "limits."); name {
	case "memory", "storage", "ephemeral-storage", "sizeLimit":
		return true
	}
	return strings.HasPrefix(name, "hugepages-")
}

// repairQuantity is what was most likely meant by a quantity that does not parse.
// It is empty if that is not clear.
func repairQuantity(text string) string {
	unit := strings.TrimLeft(text, "0123456789.")
	number := text[:len(text)-len(unit)]
	unit = strings.TrimSpace(unit)
	for _, suffix := range []string{unit, corrected[strings.ToLower(unit)]} {
		if _, err := resource.ParseQuantity(number + suffix); err == nil && (suffix != "" || unitless[strings.ToLower(unit)]) {
			return number + suffix
		}
	}
	return ""
}

// corrected is the suffixes that people write, in lower case, and what Kubernetes
// calls them.
var corrected = map[string]string{
	"kb": "k", "ki": "Ki", "kib": "Ki",
	"mb": "M", "mi": "Mi", "mib": "Mi",
	"g": "G", "gb": "G", "gi": "Gi", "gib": "Gi",
	"t": "T", "tb": "T", "ti": "Ti", "tib": "Ti",
}

// unitless is the units that Kubernetes leaves out, in lower case.
var unitless = map[string]bool{"b": true, "byte": true, "bytes": true, "cpu": true, "cpus": true, "core": true, "cores": true}
