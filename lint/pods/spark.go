package pods

// These are the names by which Spark finds its container in a pod template. It takes the first container if none has them, which is not
// known here.
const (
	sparkDriver   = "spark-kubernetes-driver"
	sparkExecutor = "spark-kubernetes-executor"
)

var (
	// sparkContainer are the fields that Spark sets in its container.
	sparkContainer = []string{"image", "imagePullPolicy", "resources", "command", "args"}
	// sparkPod are those that depend on Spark for the driver: it creates the executors by its token.
	sparkPod = []string{"automountServiceAccountToken", "serviceAccountName"}
)

// readSpark marks what Spark completes in a pod that is a pod template of Spark: one of its containers has Spark's name, and no image. The
// API server refuses such a pod, so that nothing but Spark can use it.
func (t *Template) readSpark() {
	for i := range t.Containers {
		c := &t.Containers[i]
		if c.List != Main || c.Get("image").IsSet() || c.Name != sparkDriver && c.Name != sparkExecutor {
			continue
		}
		c.Later = sparkContainer
		if c.Name == sparkDriver {
			t.Later = sparkPod
		}
	}
}
