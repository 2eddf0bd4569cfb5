package api

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
)

// ValidLabels reports labels whose key or value the API server refuses.
//
// The object is refused as a whole. For labels of a pod template that happens only when
// the controller makes the pods, and no error is shown: the old version keeps running.
//
// A value is empty or has at most 63 letters, digits, dashes, underscores and dots, the
// first and last a letter or digit; a version with a + in it is none. A key may
// have a DNS name and a slash before it. Placeholders that something else fills in pass.
var ValidLabels = &lint.Rule{
	ID:        "valid-labels",
	Title:     "Label is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "write the label with at most 63 letters, digits, -, _ and ., or make it an annotation",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if loadTable().find(o) == nil {
			return
		}
		checkLabels(p, o, o.Root.Get("metadata.labels"))
		for _, w := range o.Workloads {
			if w.Template.Path() != "" {
				checkLabels(p, o, w.Template.Get("metadata.labels"))
			}
		}
	}),
}

func checkLabels(p *lint.Pass, o *lint.Object, list lint.Value) {
	for key, v := range list.Entries() {
		if isPlaceholder(v.AtKey().Node) {
			continue
		}
		if !isLabel(key, "") {
			p.Report(lint.Diagnostic{
				Object: o, At: v.AtKey(),
				Message: v.Path() + ": the key is not valid for a label; want letters, digits, -, _ and . after a DNS name and a slash",
			})
		} else if v.IsScalar() && !isPlaceholder(v.Node) && !isLabel(key, v.Node.Value) {
			reportLabel(p, o, v)
		}
	}
}

// reportLabel reports a value that is not valid for a label. What a chart puts together of a value that is empty by default is for its
// user to set, as valid-name has it of names.
func reportLabel(p *lint.Pass, o *lint.Object, v lint.Value) {
	const want = "at most 63 letters, digits, -, _ and ."
	d := lint.Diagnostic{Object: o, At: v}
	if at, ok := naming.EmptyPart(v.Node.Value); ok && p.Unit.Kind == lint.UnitChart {
		d.Range = &lint.Range{From: at, To: at}
		if key := p.KeyOfPart(d); key != "" {
			d.Severity, d.Fix = lint.Low, lint.Advice("set "+key+", or take it by required")
			d.Message = v.Path() + `: "` + v.Node.Value + `" has an empty part, since ` + key + " is empty; want a value there"
			p.Report(d)
			return
		}
		d.Range = nil
	}
	d.Message = v.Path() + `: "` + v.Node.Value + `" is not a valid label value; want ` + want + naming.Edges(v.Node.Value, want)
	p.Report(d)
}

func isLabel(key, value string) bool {
	prefix, name, ok := strings.Cut(key, "/")
	if !ok {
		prefix, name = "", key
	}
	if plainWord(name, "-_.", 63) && (!ok || plainDomain(prefix)) && (value == "" || plainWord(value, "-_.", 63)) {
		return true // the rule, at a fraction of the time
	}
	_, err := metav1.LabelSelectorAsSelector(&metav1.LabelSelector{MatchLabels: map[string]string{key: value}})
	return err == nil
}
