package validity

import "github.com/kubevet/kubevet/lint"

// ValidStorage reports claims, volumes and classes of storage with fields that the API server
// refuses: an access mode that excludes the others, a volume without a source, a local volume
// without a node.
//
// An installation stops half-way, with some of the objects in place, and pods wait for their
// storage.
//
// Access modes and required fields are reported by valid-value and required-fields. The
// volumeClaimTemplates of StatefulSets are checked as claims.
var ValidStorage = &lint.Rule{
	ID:        "valid-storage",
	Title:     "PersistentVolumeClaim, PersistentVolume or StorageClass is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"", "PersistentVolumeClaim", []row{{"spec", claim}}},
		kind{"apps", "StatefulSet", []row{
			{"spec.volumeClaimTemplates[].spec", claim},
			{"spec.volumeClaimTemplates[].metadata.name", dnsLabel},
		}},
		kind{"", "PersistentVolume", []row{{"spec", persistentVolume}}},
		kind{"storage.k8s.io", "StorageClass", []row{
			{"provisioner", qualified},
			{"reclaimPolicy", oneOf("Delete", "Retain")},
			{"allowedTopologies[].matchLabelExpressions[]", requires("key", "values")},
			{"allowedTopologies[].matchLabelExpressions[].key", labelKey},
			{"allowedTopologies[].matchLabelExpressions", unique("key")},
			{"parameters", func(s subject, v lint.Value) {
				if v.Len() > 512 {
					s.refuseFor(v, "must have at most 512 parameters", "512 at most", "keep at most 512 parameters")
				}
			}},
		}},
	),
}

// persistentSources are the kinds of volumes that outlive their pod.
var persistentSources = []string{
	"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker", "gcePersistentDisk", "glusterfs", "hostPath", "iscsi",
	"local", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
}

func persistentVolume(s subject, v lint.Value) {
	if !v.IsMap() || !known(v) {
		return
	}
	oneField("one volume type", persistentSources...)(s, v)
	positive(s, v.Get("capacity.storage"))
	if capacity := v.Get("capacity"); capacity.IsMap() && known(capacity) {
		for name := range capacity.Entries() {
			if name != "storage" {
				s.refuseFor(capacity.Child(name), "is not supported: only storage is", "storage alone", "remove "+s.path(capacity.Child(name)))
			}
		}
	}
	requires("path")(s, v.Get("hostPath"))
	noParent(s, v.Get("hostPath.path"))
	requires("server", "path")(s, v.Get("nfs"))
	absolutePath(s, v.Get("nfs.path"))
	requires("driver", "volumeHandle")(s, v.Get("csi"))
	driver(s, v.Get("csi.driver"))
	for _, ref := range []string{"nodePublishSecretRef", "nodeExpandSecretRef", "controllerPublishSecretRef", "controllerExpandSecretRef"} {
		secret := v.Get("csi." + ref)
		requires("name", "namespace")(s, secret)
		dnsSubdomain(s, secret.Get("name"))
		dnsLabel(s, secret.Get("namespace"))
	}
	dnsSubdomain(s, v.Get("storageClassName"))
	dnsSubdomain(s, v.Get("volumeAttributesClassName"))
	affinity := v.Get("nodeAffinity")
	if local := v.Get("local"); local.IsMap() {
		required(s, local.Get("path"))
		noParent(s, local.Get("path"))
		if !affinity.IsSet() && affinity.IsKnown() {
			s.refuse(affinity, "is required for a local volume", "it set")
		}
	}
	if affinity.IsMap() {
		requires("required")(s, affinity)
		requires("nodeSelectorTerms")(s, affinity.Get("required"))
		for term := range affinity.Get("required.nodeSelectorTerms").Items() {
			requiredTerm(s, term)
		}
	}
	if reclaim := v.Get("persistentVolumeReclaimPolicy"); reclaim.Text() == "Recycle" && v.Get("hostPath.path").Text() == "/" {
		s.refuse(reclaim, "may not be Recycle for the root of a node", "Retain")
	}
}
