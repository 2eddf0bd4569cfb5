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
// here. The same is reported of storage: the size of claims and volumes, the limit of an emptyDir, and the bytes of
// LimitRanges and ResourceQuotas, and of a LimitRange the cores that containers get by default. Counts, such as pods: 10, have no unit.
var ResourceUnit = &lint.Rule{
	ID:        "resource-unit",
	Title:     "Quantity seems to lack its unit",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Fix:       "add the unit: Mi or Gi to memory, m to thousandths of a core",
	Check: lint.Checks{
		lint.PodOrContainerCheck{Of: lint.KindPod | lint.Resourced, Check: checkUnit},
		lint.PodCheck(checkVolumeUnits),
		lint.ObjectCheck(checkObjectUnits),
	},
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
			bare := isBare(v)
			switch {
			case !ok || q.Sign() <= 0:
			case name != "cpu" && q.Cmp(leastBytes) < 0 && (bare || strings.HasSuffix(v.Text(), "m")):
				reportBytes(p, lint.Diagnostic{Subject: h, At: v}, h.Label(), "resources."+list+"."+name, q)
			case name == "cpu" && bare && q.Cmp(mostCores) >= 0 && !isForLargeNode(h):
				p.Reportf(h, v, "sets resources.%s.cpu: %s, which is %s cores; want %sm if thousandths are meant", list, v.Text(), v.Text(), v.Text())
			}
		}
	}
}

// isBare reports an amount without a unit.
func isBare(v lint.Value) bool { return strings.Trim(v.Text(), "0123456789") == "" }

// checkVolumeUnits looks at the sizes of a pod's volumes.
func checkVolumeUnits(p *lint.Pass, w *lint.Workload) {
	d := lint.Diagnostic{Subject: w.Pod}
	for volume := range w.Pod.Get("volumes").Items() {
		checkBytes(p, d, w.Pod.Label(), w.Pod.Value, volume.Get("emptyDir.sizeLimit"))
		checkBytes(p, d, w.Pod.Label(), w.Pod.Value, volume.Get("ephemeral.volumeClaimTemplate.spec.resources.requests.storage"))
	}
}

// checkObjectUnits looks at the sizes of claims and volumes, and at the limits of namespaces. A LimitRange may allow
// a container any number of cores, but gives it few by default.
func checkObjectUnits(p *lint.Pass, o *lint.Object) {
	d := lint.Diagnostic{Object: o}
	switch {
	case o.Is("", "PersistentVolumeClaim"):
		checkBytes(p, d, o.Kind, o.Root, o.Root.Get("spec.resources.requests.storage"))
	case o.Is("", "PersistentVolume"):
		checkBytes(p, d, o.Kind, o.Root, o.Root.Get("spec.capacity.storage"))
	case o.Is("apps", "StatefulSet"):
		for size := range o.Root.Each("spec.volumeClaimTemplates[].spec.resources.requests.storage") {
			checkBytes(p, d, o.Kind, o.Root, size)
		}
	case o.Is("", "ResourceQuota"):
		checkBytesIn(p, d, o, o.Root.Get("spec.hard"))
	case o.Is("", "LimitRange"):
		for limit := range o.Root.Get("spec.limits").Items() {
			for _, field := range []string{"min", "max", "default", "defaultRequest"} {
				checkBytesIn(p, d, o, limit.Get(field))
			}
			for _, field := range []string{"default", "defaultRequest"} {
				v := limit.Get(field + ".cpu")
				if q, ok := quantity(v); ok && isBare(v) && q.Cmp(mostCores) >= 0 {
					d.At = v
					d.Message = o.Kind + " sets " + v.Path() + ": " + v.Text() + ", which is " + v.Text() + " cores; want " + v.Text() + "m if thousandths are meant"
					p.Report(d)
				}
			}
		}
	}
}

// checkBytesIn looks at the amounts of bytes in a mapping, by the names of the resources: requests.memory.
func checkBytesIn(p *lint.Pass, d lint.Diagnostic, o *lint.Object, amounts lint.Value) {
	for name, v := range amounts.Entries() {
		switch name[strings.LastIndexByte(name, '.')+1:] {
		case "memory", "storage", "ephemeral-storage":
			checkBytes(p, d, o.Kind, o.Root, v)
		}
	}
}

// checkBytes reports an amount of bytes without a unit that is too small, below a value with a label. Thousandths of a
// byte are reported by valid-quantity.
func checkBytes(p *lint.Pass, d lint.Diagnostic, label string, below, v lint.Value) {
	if q, ok := quantity(v); ok && q.Sign() > 0 && isBare(v) && q.Cmp(leastBytes) < 0 {
		d.At = v
		reportBytes(p, d, label, strings.TrimPrefix(strings.TrimPrefix(v.Path(), below.Path()), "."), q)
	}
}

// reportBytes reports an amount of bytes that is too small. Thousandths of a byte have the m
// of Mi.
func reportBytes(p *lint.Pass, d lint.Diagnostic, label, path string, q resource.Quantity) {
	text := d.At.Text()
	want := "a unit such as Mi"
	d.Fix.Title = "add the unit, such as Mi or Gi"
	if strings.HasSuffix(text, "m") {
		want = text[:len(text)-1] + "Mi"
		d.Fix.Value = want
	}
	d.Message = label + " sets " + path + ": " + text + ", which is " + bytesOf(q) + "; want " + want
	p.Report(d)
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
