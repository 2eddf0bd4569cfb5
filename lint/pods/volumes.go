package pods

// RemovedVolumes are the types of volumes that the kubelet has no plugin for any more, each with the minor version of
// Kubernetes from which on it does not work. The versions are those of the warnings of the API server (pkg/api/pod/warnings.go of
// Kubernetes). gitRepo has a rule of its own.
var RemovedVolumes = map[string]int{
	"photonPersistentDisk": 16, "scaleIO": 22, "flocker": 25, "quobyte": 25, "storageos": 25, "glusterfs": 26, "cephfs": 31, "rbd": 31,
}
