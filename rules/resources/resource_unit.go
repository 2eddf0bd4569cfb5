package resources

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubevet/kubevet/lint"
)

// ResourceUnit reports quantities of memory, disk space and CPU that seem to lack their unit.
//
// A number without unit is bytes: memory: 512 is half a kilobyte, and no container starts with such a
// limit. For CPU it is whole cores: no node has room for a pod that requests cpu: 500.
//
// Reported are memory and ephemeral storage of less than one MiB, thousandths of a byte (128m)
// included, and 100 cores or more that are written without unit, unless the container asks for as large a
// node in another way: by a device, such as nvidia.com/gpu, or by 32Gi of memory. Zero is not reported
// here.
var ResourceUnit = &lint.Rule{
	ID:        "resource-unit",
	Title:     "Quantity seems to lack its unit",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Fix:       "add the unit: Mi or Gi to memory, m to thousandths of a core",
	Check:     lint.PodOrContainerCheck{Of: lint.KindPod | lint.Resourced, Check: checkUnit},
}

var (
	leastBytes = resource.MustParse("1Mi")
	mostCores  = resource.MustParse("100")
	muchMemory = resource.MustParse("32Gi")
)

// isForLargeNode reports whether a container asks for a device or for much memory.
func isForLargeNode(h lint.PodOrContainer) bool {
	for _, list := range []string{"requests", "limits"} {
		for name, v := range h.Get("resources." + list).Entries() {
			q, ok := quantity(v)
			if strings.Contains(name, "/") || ok && name == "memory" && q.Cmp(muchMemory) >= 0 {
				return true
			}
		}
	}
	return false
}

func checkUnit(p *lint.Pass, h lint.PodOrContainer) {
	resources := h.Get("resources")
	for _, list := range []string{"requests", "limits"} {
		amounts := resources.Get(list)
		for _, name := range []string{"memory", "ephemeral-storage", "cpu"} {
			v := amounts.Child(name)
			q, ok := quantity(v)
			bare := strings.Trim(v.Text(), "0123456789") == ""
			switch {
			case !ok || q.Sign() <= 0:
			case name != "cpu" && q.Cmp(leastBytes) < 0 && (bare || strings.HasSuffix(v.Text(), "m")):
				reportBytes(p, h, v, "resources."+list+"."+name, bytesOf(q))
			case name == "cpu" && bare && q.Cmp(mostCores) >= 0 && !isForLargeNode(h):
				p.Reportf(h, v, "sets resources.%s.cpu: %s, which is %s cores; want %sm if thousandths are meant", list, v.Text(), v.Text(), v.Text())
			}
		}
	}
}

// reportBytes reports an amount of bytes that is too small. Thousandths of a byte have the m
// of Mi.
func reportBytes(p *lint.Pass, h lint.PodOrContainer, v lint.Value, path, bytes string) {
	want, fix := "a unit such as Mi", ""
	if strings.HasSuffix(v.Text(), "m") {
		want = v.Text()[:len(v.Text())-1] + "Mi"
		fix = want
	}
	p.Report(lint.Diagnostic{
		Subject: h, At: v, Fix: lint.Intent{Value: fix},
		Message: h.Label() + " sets " + path + ": " + v.Text() + ", which is " + bytes + "; want " + want,
	})
}

func bytesOf(q resource.Quantity) string {
	switch n := q.Value(); {
	case q.MilliValue() < 1000:
		return "less than a byte"
	case n == 1:
		return "1 byte"
	default:
		return resource.NewQuantity(n, resource.DecimalSI).String() + " bytes"
	}
}
