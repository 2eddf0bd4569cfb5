package pods

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/node"
)

// Image is a reference to an image that a custom resource has outside of a container, and from which its
// operator makes pods.
type Image struct {
	// Value is the reference.
	node.Value
	// Policy is the pull policy beside it, and PolicyPath its path as messages name it. They are empty for kinds
	// that have none.
	Policy     node.Value
	PolicyPath string
	// Within is how messages call what the image is for: volume "root". It is empty where the object has one.
	Within string
}

// imageShape says where kinds have such a reference.
type imageShape struct {
	group, kinds string
	// in is the path of the mappings that have the keys image and policy: see Shape.Template. The name of the
	// last element of a list is that which noun is for.
	in, image, policy, noun string
}

// imageTable is the one place that knows which kinds name images outside of containers.
var imageTable = []imageShape{
	// Databases, queues and search.
	{"postgresql.cnpg.io", "Cluster", "spec", "imageName", "imagePullPolicy", ""},
	{"postgresql.cnpg.io", "ImageCatalog ClusterImageCatalog", "spec.images[]", "image", "", "image"},
	{"acid.zalan.do", "postgresql", "spec", "dockerImage", "", ""},
	{"postgres-operator.crunchydata.com", "PostgresCluster", "spec", "image", "imagePullPolicy", ""},
	{"postgres-operator.crunchydata.com", "PostgresCluster", "spec.backups.pgbackrest", "image", "", "pgbackrest"},
	{"rabbitmq.com", "RabbitmqCluster", "spec", "image", "", ""},
	{"minio.min.io", "Tenant", "spec", "image", "imagePullPolicy", ""},
	{"psmdb.percona.com", "PerconaServerMongoDB", "spec", "image", "imagePullPolicy", ""},
	{"redis.redis.opstreelabs.in", "Redis RedisCluster RedisReplication RedisSentinel", "spec.kubernetesConfig", "image", "imagePullPolicy", ""},
	{"kafka.strimzi.io", "Kafka", "spec.kafka", "image", "", "kafka"},
	{"kafka.strimzi.io", "Kafka", "spec.zookeeper", "image", "", "zookeeper"},
	{"kafka.strimzi.io", "KafkaConnect KafkaMirrorMaker2 KafkaBridge", "spec", "image", "", ""},
	{"elasticsearch.k8s.elastic.co", "Elasticsearch", "spec", "image", "", ""},
	{"kibana.k8s.elastic.co", "Kibana", "spec", "image", "", ""},
	{"k8s.keycloak.org", "Keycloak", "spec", "image", "", ""},

	// The disks of virtual machines.
	{"kubevirt.io", "VirtualMachineInstance", "spec.volumes[]", "containerDisk.image", "containerDisk.imagePullPolicy", "volume"},
	{"kubevirt.io", "VirtualMachine VirtualMachineInstanceReplicaSet", "spec.template.spec.volumes[]", "containerDisk.image", "containerDisk.imagePullPolicy", "volume"},
	{"pool.kubevirt.io", "VirtualMachinePool", "spec.virtualMachineTemplate.spec.template.spec.volumes[]", "containerDisk.image", "containerDisk.imagePullPolicy", "volume"},
	{"kubevirt.io", "VirtualMachineInstance", "spec.domain.firmware.kernelBoot.container", "image", "imagePullPolicy", "kernelBoot"},
	{"kubevirt.io", "VirtualMachine VirtualMachineInstanceReplicaSet", "spec.template.spec.domain.firmware.kernelBoot.container", "image", "imagePullPolicy", "kernelBoot"},
}

// Images returns the references to images that an object of a known kind has outside of its containers. Those that
// are not there are left out: the operator has one of its own.
func Images(root node.Value, group, kind string) (l []Image) {
	for _, s := range imageTable {
		if s.group != group || !slices.Contains(strings.Fields(s.kinds), kind) {
			continue
		}
		for v, name := range at(root, s.in) {
			im := Image{Value: v.Get(s.image), PolicyPath: s.policy, Within: s.noun}
			if !im.IsSet() {
				continue
			}
			if s.policy != "" {
				im.Policy = v.Get(s.policy)
			}
			if strings.HasSuffix(s.in, "[]") {
				im.Within += ` "` + name + `"`
			}
			l = append(l, im)
		}
	}
	return l
}
