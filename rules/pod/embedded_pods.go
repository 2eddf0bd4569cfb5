package pod

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

// embeddedPod is a pod that a ConfigMap has as a text: a program that reads it makes such pods.
type embeddedPod struct {
	*lint.Workload
	in *lint.Object
	at lint.Value
	// key is that of the text in the ConfigMap.
	key string
}

// maxPodText is the size of the largest text in which a pod is looked for, in bytes.
const maxPodText = 1 << 16

// embeddedPods are the pods that the ConfigMaps of the unit have, by the namespaces of these.
var embeddedPods = lint.UnitIndex("pods in ConfigMaps", func(p *lint.Pass) map[string][]embeddedPod {
	found := map[string][]embeddedPod{}
	for _, o := range p.Unit.Objects {
		if !o.Is("", "ConfigMap") {
			continue
		}
		for key, v := range o.Root.Get("data").Entries() {
			pod := podIn(v)
			if pod == nil {
				continue
			}
			for _, w := range pod.Workloads {
				found[o.Namespace] = append(found[o.Namespace], embeddedPod{w, o, v, key})
			}
		}
	}
	return found
})

// podIn is the object with pods that a text begins with. It is nil if there is none.
func podIn(v lint.Value) *lint.Object {
	if !v.IsScalar() || len(v.Node.Value) > maxPodText {
		return nil
	}
	text := v.Node.Value
	if !strings.Contains(text, "apiVersion") || !strings.Contains(text, "containers") {
		return nil // as most
	}
	var n yaml.Node
	if yaml.Unmarshal([]byte(text), &n) != nil || !node.IsExpandable(&n) {
		return nil
	}
	o, ok := lint.NewObject(&n, nil)
	if !ok {
		return nil
	}
	return o
}

// embeddedBelow is the first pod of a ConfigMap in a namespace that does not meet a level, and that a workload there may make.
// It is nil if there is none. Folders of manifests may be alternatives: the ConfigMap is in that of the workload or the Namespace.
func embeddedBelow(p *lint.Pass, namespace, maker *lint.Object, level podsecurity.Level) *embeddedPod {
	for _, e := range embeddedPods(p)[namespace.Name] {
		dir := cluster.DirOf(p, e.in)
		isBeside := p.Unit.Kind != lint.UnitManifests || dir == cluster.DirOf(p, maker) || dir == cluster.DirOf(p, namespace)
		if isBeside && len(podsecurity.Evaluate(level, p.Version, e.Workload)) > 0 {
			return &e
		}
	}
	return nil
}
