package pod

import (
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// TestDangerOf holds what paths of a node give to those who read and who write there.
func TestDangerOf(t *testing.T) {
	for hostPath, want := range map[string][2]lint.Severity{
		"":                              {0, 0},
		"relative":                      {0, 0},
		"/":                             {lint.High, lint.Critical},
		"/data":                         {0, 0},
		"/var/run/nri":                  {lint.Critical, lint.Critical},
		"/run/nri/nri.sock":             {lint.Critical, lint.Critical},
		"/etc/rancher/k3s":              {lint.High, lint.Critical},
		"/var/lib/rancher/longhorn/":    {0, 0},
		"/var/lib/rancher/k3s/server":   {lint.High, lint.Critical},
		"/root/.ssh":                    {lint.High, lint.Critical},
		"~/.ssh":                        {lint.High, lint.Critical},
		"/home/ubuntu/.kube/config":     {lint.High, lint.Critical},
		"/home/ubuntu/data":             {0, 0},
		"/proc/sys":                     {0, lint.Critical},
		"/proc/sys/kernel/core_pattern": {0, lint.Critical},
		"/lib/modules":                  {0, lint.Critical},
		"/run/systemd":                  {lint.High, lint.Critical},
		"/run/systemd/resolve":          {0, 0},
		"/var/spool/cron/crontabs":      {lint.High, lint.Critical},
		"/etc/cron.daily":               {lint.High, lint.Critical},
		"/etc/kubernetes/secrets-store-csi-providers":        {0, 0},
		"/etc/kubernetes/azure.json":                         {lint.High, lint.Critical},
		"/etc/kubernetes/cloud.config":                       {lint.Medium, lint.High},
		"/etc/kubernetes/admin.conf":                         {lint.High, lint.Critical},
		"/var/lib/kubelet/pods":                              {lint.High, lint.Critical},
		"/var/lib/kubelet/device-plugins":                    {0, 0},
		"/var/lib/kubelet/pod-resources":                     {0, 0},
		"/etc/kubernetes/node-feature-discovery/features.d/": {0, 0},
		"/var/log":                               {0, lint.High},
		"/var/lib/docker/containers":             {0, lint.Critical},
		"/dev/sda1":                              {lint.High, lint.Critical},
		"/dev/fuse":                              {0, 0},
		"/etc/hosts":                             {0, 0},
		"/var/lib/rancher/k3s/storage/data":      {0, 0},
		"/var/lib/rancher/k3s/storage":           {lint.High, lint.High},
		"/var/lib/rancher/k3s/storage/../server": {lint.High, lint.Critical},
		"/usr/local/bin/../bin":                  {0, lint.Critical},
		`C:\Windows\System32`:                    {lint.High, lint.Critical},
		`c:/Users/admin/.ssh`:                    {lint.High, lint.Critical},
		`\var\lib\kubelet\pods`:                  {lint.High, lint.Critical},
		`\var\lib\kubelet\plugins`:               {0, 0},
		`\\.\pipe\csi-proxy-disk-v1`:             {0, 0},
	} {
		read, _ := dangerOf(hostPath, false)
		write, gives := dangerOf(hostPath, true)
		if read != want[0] || write != want[1] {
			t.Errorf("%s: read %d, write %d; want %d", hostPath, read, write, want)
		}
		if write != 0 && gives == "" {
			t.Errorf("%s: says nothing of what is there", hostPath)
		}
	}
	if _, gives := dangerOf("/var/lib/kubelet/pods/volumes", false); gives != "the tokens and volumes of all pods" {
		t.Errorf("the kubelet's directory of pods gives %s", gives)
	}
}
