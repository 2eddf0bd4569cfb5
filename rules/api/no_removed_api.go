package api

import (
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/pods"
)

// NoRemovedAPI reports objects whose API the target version of Kubernetes serves
// no more, and volumes of a type that it has removed.
//
// The API server refuses such an object: an installation stops half-way, and a Helm
// release that holds one can be neither upgraded nor removed without surgery.
// A workload that cannot be rolled out cannot be patched either.
//
// When an API goes is what Kubernetes' own sources say; the target is the newest
// version unless --kube-version names another. A chart that picks the apiVersion by
// .Capabilities is judged by what it renders for the target.
// Volumes of the types glusterfs, cephfs, rbd, flocker, quobyte, storageos, scaleIO and photonPersistentDisk are still read by the API
// server, but no kubelet mounts them: the pod does not start. PersistentVolumes of these types and StorageClasses
// with their provisioners are reported, too.
var NoRemovedAPI = &lint.Rule{
	ID:        "no-removed-api",
	Title:     "API is removed in the target version",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "move the object to an API that the target version serves",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		t := loadTable()
		if k := t.find(o); k != nil && reached(k.removed, p.Version, false) {
			reportAPI(p, o, "is removed since "+k.removed.String(), t.instead(k, p.Version), false)
			return
		}
		checkVolumeTypes(p, o)
	}),
}

// checkVolumeTypes reports the types of volumes that Kubernetes has removed.
func checkVolumeTypes(p *lint.Pass, o *lint.Object) {
	for _, w := range o.Workloads {
		for volume := range w.Pod.Get("volumes").Items() {
			if typ, since := removedVolume(p, volume); since != "" {
				p.Report(lint.Diagnostic{
					Subject: w.Pod, At: volume.Get(typ), Fix: lint.Intent{Title: "mount a persistentVolumeClaim of a CSI driver for " + typ},
					Message: w.Pod.Label() + " has volume " + strconv.Quote(volume.Get("name").Text()) + " of type " + typ + ", which " + since + " removed, so the pod cannot start; want a volume of a CSI driver",
				})
			}
		}
	}
	switch {
	case o.Is("", "PersistentVolume"):
		if typ, since := removedVolume(p, o.Root.Get("spec")); since != "" {
			p.Report(lint.Diagnostic{
				Object: o, At: o.Root.Get("spec." + typ), Fix: lint.Intent{Title: "use type csi with a driver for " + typ},
				Message: "PersistentVolume is of type " + typ + ", which " + since + " removed, so no pod with it can start; want type csi",
			})
		}
	case o.Is("storage.k8s.io", "StorageClass"):
		v := o.Root.Get("provisioner")
		name, _ := strings.CutPrefix(v.Text(), "kubernetes.io/")
		for typ := range pods.RemovedVolumes {
			if since := removedSince(p, typ); strings.EqualFold(name, typ) && name != v.Text() && since != "" {
				p.Report(lint.Diagnostic{
					Object: o, At: v, Fix: lint.Intent{Title: "name the provisioner of a CSI driver for " + typ},
					Message: "StorageClass sets provisioner: " + v.Text() + ", which " + since + " removed, so claims wait for their volumes; want the provisioner of a CSI driver",
				})
			}
		}
	}
}

// removedVolume is the type of a volume that the target version has no plugin for, and the version since which there is none.
// The latter is empty if there is no such type.
func removedVolume(p *lint.Pass, volume lint.Value) (typ, since string) {
	for typ, v := range volume.Entries() {
		if since := removedSince(p, typ); since != "" && v.IsSet() {
			return typ, since
		}
	}
	return "", ""
}

func removedSince(p *lint.Pass, typ string) string {
	minor, ok := pods.RemovedVolumes[typ]
	if !ok || !p.Version.AtLeast(minor) {
		return ""
	}
	return "Kubernetes 1." + strconv.Itoa(minor)
}
