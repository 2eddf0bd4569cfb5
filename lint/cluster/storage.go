package cluster

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// VolumeEncryption is how the provisioner of a StorageClass encrypts the volumes that it
// creates.
type VolumeEncryption struct {
	// Always says that it encrypts every volume, whatever the parameters.
	Always bool
	// Parameters are the names of the parameters that encrypt volumes, the usual one
	// first, and Value is what each must be. They are empty with Always.
	Parameters []string
	Value      string
	// Below says that a team that runs this storage may also encrypt the disks below it,
	// which a StorageClass does not show.
	Below bool
	// IgnoresCase says that the provisioner reads the names in any case.
	IgnoresCase bool
}

// volumeEncryption has the provisioners whose parameters are known. A name that starts
// with a dot matches all names that end with it: Rook puts its namespace in front.
var volumeEncryption = []struct {
	provisioners []string
	VolumeEncryption
}{
	{[]string{"ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs"}, VolumeEncryption{Parameters: []string{"encrypted"}, Value: "true", IgnoresCase: true}},
	{[]string{"diskplugin.csi.alibabacloud.com", "csi.scaleway.com"}, VolumeEncryption{Parameters: []string{"encrypted"}, Value: "true"}},
	{[]string{"linodebs.csi.linode.com"}, VolumeEncryption{Parameters: []string{"linodebs.csi.linode.com/luks-encrypted", "linodebs.csi.linode.com/encrypted"}, Value: "true"}},
	{[]string{"csi.cloudscale.ch"}, VolumeEncryption{Parameters: []string{"csi.cloudscale.ch/luks-encrypted"}, Value: "true"}},
	{[]string{"storage.csi.upcloud.com"}, VolumeEncryption{Parameters: []string{"encryption"}, Value: "data-at-rest"}},
	{[]string{
		"pd.csi.storage.gke.io", "filestore.csi.storage.gke.io", "kubernetes.io/gce-pd", // Google, with customer-managed keys or its own
		"disk.csi.azure.com", "file.csi.azure.com", "kubernetes.io/azure-disk", "kubernetes.io/azure-file",
		"dobs.csi.digitalocean.com", "vpc.block.csi.ibm.io", "blockvolume.csi.oraclecloud.com", "fsx.csi.aws.com",
	}, VolumeEncryption{Always: true}},
	{[]string{".rbd.csi.ceph.com", "rbd.csi.ceph.com", ".cephfs.csi.ceph.com", "cephfs.csi.ceph.com", "driver.longhorn.io"}, VolumeEncryption{Parameters: []string{"encrypted"}, Value: "true", Below: true}},
	{[]string{"pxd.portworx.com", "kubernetes.io/portworx-volume"}, VolumeEncryption{Parameters: []string{"secure"}, Value: "true", Below: true}},
	{[]string{"linstor.csi.linbit.com"}, VolumeEncryption{Parameters: []string{"linstor.csi.linbit.com/encryption", "encryption"}, Value: "true", Below: true}},
	{[]string{"csi.storageos.com"}, VolumeEncryption{Parameters: []string{"storageos.com/encryption"}, Value: "true", Below: true}},
}

// EncryptionOf is how a StorageClass encrypts. It is not ok for objects of other kinds,
// and for provisioners that encrypt in ways that their parameters do not show, such as
// those of NFS and Cinder, or that are not known.
func EncryptionOf(o *lint.Object) (e VolumeEncryption, ok bool) {
	if !o.Is("storage.k8s.io", "StorageClass") {
		return e, false
	}
	name := o.Root.Get("provisioner").Text()
	for _, known := range volumeEncryption {
		if slices.ContainsFunc(known.provisioners, func(p string) bool {
			return p == name || strings.HasPrefix(p, ".") && strings.HasSuffix(name, p)
		}) {
			return known.VolumeEncryption, true
		}
	}
	return e, false
}

// Parameter is the parameter of a StorageClass that encrypts volumes. It is the absent
// first one if none is set.
func (e VolumeEncryption) Parameter(o *lint.Object) lint.Value {
	parameters := o.Root.Get("parameters")
	for name := range parameters.Entries() {
		for _, want := range e.Parameters {
			if name == want || e.IgnoresCase && strings.EqualFold(name, want) {
				return parameters.Child(name)
			}
		}
	}
	return parameters.Child(e.Parameters[0])
}
