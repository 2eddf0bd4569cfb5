package pod

import "testing"

// TestHostnameAsNode checks which commands take the name of the host for that of the node.
func TestHostnameAsNode(t *testing.T) {
	for command, want := range map[string]bool{
		"oc debug node/`hostname -f` -- bash":              true,
		`kubectl cordon "node/$(hostname)"`:                true,
		`kubectl drain node $HOSTNAME`:                     true,
		`kubectl label nodes/"${HOSTNAME}" role=etcd`:      true,
		`NODE_NAME=$(hostname) agent`:                      true,
		`agent --node-name="$(hostname)"`:                  true,
		`echo "$(hostname) is ready"`:                      false,
		`kubectl get pod $(hostname)`:                      false,
		`node server.js --name=$HOSTNAME`:                  false,
		`kubectl cordon "$NODE_NAME" && echo $(hostname)`:  false,
		`agent --node-name=$(NODE_NAME) --pod-name=$(POD)`: false,
	} {
		if got := hostnameAsNode.MatchString(command); got != want {
			t.Errorf("%s: got %v, want %v", command, got, want)
		}
	}
}
