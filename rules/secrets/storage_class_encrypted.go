package secrets

import (
	"slices"
	"strconv"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// StorageClassEncrypted reports StorageClasses whose volumes are stored unencrypted.
//
// Anyone who gets a snapshot, a backup or a disk that was thrown away reads what the database on it
// holds, without a password of Kubernetes.
//
// The provisioner decides which parameter encrypts: encrypted for Amazon EBS, Alibaba Cloud and
// Scaleway, and others for Linode, UpCloud and cloudscale.ch. Disks of Google, Azure, IBM, Oracle and
// DigitalOcean are always encrypted, with the provider's key unless another one is named. For storage
// that runs in the cluster (Ceph, Longhorn, Portworx, LINSTOR, StorageOS), a missing parameter is reported by
// the strict profile only, since the disks below may be encrypted; Ceph is exempt if the CephCluster
// encrypts its devices. Other provisioners, such as those of NFS, Cinder and vSphere, are not judged:
// what they store is encrypted by other means or not at all. An account of AWS may encrypt every volume by default. Set the parameter nevertheless, or ignore the
// finding with that reason. The parameters of a StorageClass cannot be changed: create another class, and
// move the data of existing volumes.
var StorageClassEncrypted = &lint.Rule{
	ID:        "storage-class-encrypted",
	Title:     "StorageClass creates unencrypted volumes",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-encryption"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Encryption"},
	},
	Fix:   "set the parameter of the provisioner that encrypts volumes",
	Check: lint.ObjectCheck(checkStorageClass),
}

func checkStorageClass(p *lint.Pass, o *lint.Object) {
	e, ok := cluster.EncryptionOf(o)
	if !ok || e.Always {
		return
	}
	v := e.Parameter(o)
	if v.Text() == e.Value || e.Below && !v.IsSet() && (p.Profile < lint.Strict || cephEncrypts(p.Unit, o)) {
		return
	}
	d := lint.Diagnostic{Object: o, At: v, Message: "volumes are stored unencrypted: the StorageClass "}
	if v.IsSet() {
		d.Message += "sets " + v.Path() + ": " + v.Text()
	} else {
		d.Message += "does not set " + v.Path()
	}
	d.Message += "; want " + e.Value
	quoted := strconv.Quote(e.Value) // parameters are texts
	d.Fix = lint.Intent{Title: "set " + v.Path() + " to " + quoted, Value: quoted}
	p.Report(d)
}

// cephEncrypts reports whether the Ceph cluster that a StorageClass names encrypts the
// devices that it stores volumes on.
func cephEncrypts(u *lint.Unit, class *lint.Object) bool {
	namespace := class.Root.Get("parameters.clusterID").Text() // Rook names clusters by their namespace
	return slices.ContainsFunc(u.Objects, func(o *lint.Object) bool {
		if !o.Is("ceph.rook.io", "CephCluster") || o.Namespace != namespace {
			return false
		}
		storage := o.Root.Get("spec.storage")
		if storage.Get("config.encryptedDevice").Text() == "true" {
			return true
		}
		sets := 0
		for set := range storage.Get("storageClassDeviceSets").Items() {
			if !set.Get("encrypted").True() {
				return false
			}
			sets++
		}
		return sets > 0
	})
}
