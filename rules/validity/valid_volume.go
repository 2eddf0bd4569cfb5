package validity

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
)

// ValidVolume reports volumes that the API server refuses: with two sources, with a file mode out
// of range, with a path that leaves the volume.
//
// The API server refuses such a pod. For a Deployment or Job it may do so only when the controller
// makes the pod, and no error is shown: the old version keeps running.
//
// A volume without a source is an emptyDir and passes. What a mount names must exist: see
// volume-exists. Pods of custom resources are not checked.
var ValidVolume = &lint.Rule{
	ID:        "valid-volume",
	Title:     "Volume is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "give the volume one source with the fields that it must have",
	Check: pods(
		row{"volumes[]", volume},
		row{"volumes[].name", dnsLabel},
		row{"volumes[].hostPath", requires("path")},
		row{"volumes[].hostPath.path", noParent},
		row{"volumes[].emptyDir.sizeLimit", notNegative},
		row{"volumes[].secret", requires("secretName")},
		row{"volumes[].secret", files},
		row{"volumes[].configMap", requires("name")},
		row{"volumes[].configMap", files},
		row{"volumes[].persistentVolumeClaim", requires("claimName")},
		row{"volumes[].nfs", requires("server", "path")},
		row{"volumes[].nfs.path", absolutePath},
		row{"volumes[].csi", requires("driver")},
		row{"volumes[].gitRepo", requires("repository")},
		row{"volumes[].gitRepo.directory", localPath},
		row{"volumes[].iscsi", requires("targetPortal", "iqn")},
		row{"volumes[].azureFile", requires("secretName", "shareName")},
		row{"volumes[].awsElasticBlockStore", requires("volumeID")},
		row{"volumes[].gcePersistentDisk", requires("pdName")},
		row{"volumes[].cephfs", requires("monitors")},
		row{"volumes[].rbd", requires("monitors", "image")},
		row{"volumes[].glusterfs", requires("endpoints", "path")},
		row{"volumes[].flexVolume", requires("driver")},
		row{"volumes[].vsphereVolume", requires("volumePath")},
		row{"volumes[].image.pullPolicy", oneOf("Always", "IfNotPresent", "Never")},
		row{"volumes[].ephemeral", requires("volumeClaimTemplate")},
		row{"volumes[].ephemeral.volumeClaimTemplate", requires("spec")},
		row{"volumes[].ephemeral.volumeClaimTemplate.spec", claim},
		row{"volumes[].ephemeral.volumeClaimTemplate.spec", requires("accessModes", "resources.requests.storage")},
		row{"volumes[].ephemeral.volumeClaimTemplate.spec.accessModes[]", oneOf(accessModes...)},
		row{"volumes[].csi.driver", driver},
		row{"volumes[].csi.nodePublishSecretRef", requires("name")},
		row{"volumes[].downwardAPI.defaultMode", fileMode},
		row{"volumes[].downwardAPI.items[]", downwardFile},
		row{"volumes[].projected.defaultMode", fileMode},
		row{"volumes[].projected.sources[]", projection},
		row{"volumes[].projected", projectedPaths},
	),
}

// sources are the kinds of volumes.
var sources = strings.Fields("awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI emptyDir ephemeral fc flexVolume flocker " +
	"gcePersistentDisk gitRepo glusterfs hostPath image iscsi nfs persistentVolumeClaim photonPersistentDisk portworxVolume projected quobyte rbd scaleIO secret storageos vsphereVolume")

func volume(s subject, v lint.Value) {
	required(s, v.Get("name"))
	atMostOneField("1 volume type", sources...)(s, v)
}

// fileMode is the mode of files, of which YAML reads 0644 as octal.
func fileMode(s subject, v lint.Value) {
	if i, ok := v.Int(); ok && (i < 0 || i > 0o777) {
		s.refuse(v, "must be in the range of 0 to 0777 (octal)", "a mode such as 0644, or 420 in decimal")
	}
}

// files are those of a ConfigMap or Secret.
func files(s subject, v lint.Value) {
	fileMode(s, v.Get("defaultMode"))
	for item := range v.Get("items").Items() {
		requires("key", "path")(s, item)
		localPath(s, item.Get("path"))
		fileMode(s, item.Get("mode"))
	}
}

func downwardFile(s subject, v lint.Value) {
	requires("path")(s, v)
	localPath(s, v.Get("path"))
	fileMode(s, v.Get("mode"))
	oneField("one of fieldRef or resourceFieldRef", "fieldRef", "resourceFieldRef")(s, v)
	if ref := v.Get("fieldRef"); ref.IsMap() {
		required(s, ref.Get("fieldPath"))
		podField(s, ref.Get("fieldPath"), "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels['KEY']", "metadata.annotations['KEY']")
	}
	if ref := v.Get("resourceFieldRef"); ref.IsMap() {
		required(s, ref.Get("containerName"))
		resourceField(s, ref.Get("resource"))
	}
}

// projection is a source of a projected volume.
func projection(s subject, v lint.Value) {
	onlyOneSource := []string{"secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"}
	atMostOneField("1 volume type", onlyOneSource...)(s, v)
	for _, kind := range []string{"secret", "configMap"} {
		if c := v.Get(kind); c.IsMap() {
			requires("name")(s, c)
			files(s, c)
		}
	}
	for item := range v.Get("downwardAPI.items").Items() {
		downwardFile(s, item)
	}
	if token := v.Get("serviceAccountToken"); token.IsMap() && known(token) {
		required(s, token.Get("path"))
		localPath(s, token.Get("path"))
		seconds := token.Get("expirationSeconds")
		if n, ok := seconds.Int(); ok && n < 600 {
			s.refuse(seconds, "may not specify a duration of less than 10 minutes", "600 or more")
		} else if ok && n > 1<<32 {
			s.refuse(seconds, "may not specify a duration of more than 2^32 seconds", "3600")
		}
	}
}

// projectedPaths are the files of a projected volume, each of which comes from one source.
func projectedPaths(s subject, v lint.Value) {
	seen := map[string]bool{}
	for source := range v.Get("sources").Items() {
		for _, files := range []string{"secret.items[].path", "configMap.items[].path", "downwardAPI.items[].path", "clusterTrustBundle.path"} {
			for path := range source.Each(files) {
				if path.Text() == "" {
					continue
				}
				if seen[path.Text()] {
					s.refuseFor(path, "is a duplicate value", "each path once in the volume", s.changeDuplicate(path))
				}
				seen[path.Text()] = true
			}
		}
	}
}

var accessModes = []string{"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"}

// driver is the name of a CSI driver.
var driver = text("must be a DNS subdomain of at most 63 characters", "a form such as csi.example.com", func(t string) []string {
	if len(t) > 63 {
		return []string{t}
	}
	return validation.IsDNS1123Subdomain(strings.ToLower(t))
})

// claim is the spec of a claim to storage.
func claim(s subject, v lint.Value) {
	if !v.IsMap() || !known(v) {
		return
	}
	modes := v.Get("accessModes")
	if modes.Len() > 1 && slices.Contains(modes.Strings(), "ReadWriteOncePod") {
		s.refuseFor(modes, "may not hold ReadWriteOncePod together with other access modes", "one of them", "remove ReadWriteOncePod or the other access modes")
	}
	labelSelector(s, v.Get("selector"))
	positive(s, v.Get("resources.requests.storage"))
	dnsSubdomain(s, v.Get("storageClassName"))
	dnsSubdomain(s, v.Get("volumeAttributesClassName"))
	if s.object.Kind != "PersistentVolumeClaim" { // whose fields valid-value checks
		oneOf("Filesystem", "Block")(s, v.Get("volumeMode"))
	}
	source := v.Get("dataSourceRef")
	requires("kind", "name")(s, source)
	if kind := source.Get("kind"); isEmpty(source.Get("apiGroup")) && known(source, source.Get("apiGroup"), kind) && !isEmpty(kind) && kind.Text() != "PersistentVolumeClaim" {
		s.refuseFor(kind, "must be PersistentVolumeClaim when apiGroup is empty", "apiGroup", "set apiGroup to that of the kind, such as snapshot.storage.k8s.io")
	}
}
