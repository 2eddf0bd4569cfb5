package pod

import "github.com/kubevet/kubevet/lint"

// efsDriver is the CSI driver of Amazon EFS. Its volumes are NFS, which the kubelet gives to no fsGroup.
const efsDriver = "efs.csi.aws.com"

// serverOf is the kind of server that a volume's claim is bound to, of those on which an fsGroup changes nothing: NFS or EFS. It is empty for
// others, and where the unit does not show it.
func serverOf(p *lint.Pass, w *lint.Workload, volume lint.Value) string {
	name := volume.Get("persistentVolumeClaim.claimName").Text()
	if name == "" {
		return ""
	}
	return servedClaims(p)[[2]string{w.Namespace, name}]
}

// servedClaims are the claims of the unit that are bound to a server, by namespace and name.
var servedClaims = lint.UnitIndex("claims of NFS and EFS", func(p *lint.Pass) map[[2]string]string {
	byName, byLabel, byClass := map[string]string{}, map[string]string{}, map[string]string{}
	served := map[[2]string]string{}
	for _, o := range p.Unit.Objects {
		switch {
		case o.Is("storage.k8s.io", "StorageClass") && o.Root.Get("provisioner").Text() == efsDriver:
			byClass[o.Name] = "EFS"
		case o.Is("", "PersistentVolume"):
			server := serverOfVolume(o)
			agree(byName, o.Name, server)
			for key, value := range o.Root.Get("metadata.labels").Entries() {
				agree(byLabel, key+"="+value.Text(), server)
			}
			if ref := o.Root.Get("spec.claimRef"); server != "" && ref.IsSet() {
				served[[2]string{ref.Get("namespace").Text(), ref.Get("name").Text()}] = server
			}
		}
	}
	for _, o := range p.Unit.Objects {
		if !o.Is("", "PersistentVolumeClaim") {
			continue
		}
		server := byName[o.Root.Get("spec.volumeName").Text()]
		for key, value := range o.Root.Get("spec.selector.matchLabels").Entries() {
			if server == "" { // each volume that the selector matches has this label
				server = byLabel[key+"="+value.Text()]
			}
		}
		if server == "" {
			server = byClass[o.Root.Get("spec.storageClassName").Text()]
		}
		if server != "" {
			served[[2]string{o.Namespace, o.Name}] = server
		}
	}
	return served
})

// agree sets the server for a key, or none if volumes with that key have several.
func agree(servers map[string]string, key, server string) {
	if before, isSeen := servers[key]; isSeen && before != server {
		server = ""
	}
	servers[key] = server
}

// serverOfVolume is the kind of server of a PersistentVolume. It is empty for others.
func serverOfVolume(o *lint.Object) string {
	switch {
	case o.Root.Get("spec.nfs").IsSet():
		return "NFS"
	case o.Root.Get("spec.csi.driver").Text() == efsDriver:
		return "EFS"
	}
	return ""
}
