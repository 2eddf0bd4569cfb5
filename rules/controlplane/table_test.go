package controlplane

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// all are the rules that have rows in the table.
var all = []*lint.Rule{
	APIServerCertificate, APIServerClientCA, APIServerEtcdTLS, APIServerKubeletTLS, ControllerManagerServiceAccountCredentials,
	EtcdClientCertAuth, EtcdPeerCertAuth, EtcdTLS, KubeletAuthorization, KubeletClientCA, KubeletEventRate, KubeletIPTablesChains,
	KubeletNoAnonymousAuth, KubeletNoHostnameOverride, KubeletNoReadOnlyPort, KubeletPodPIDsLimit, KubeletProtectKernelDefaults,
	KubeletSeccompDefault, KubeletStreamingTimeout, LocalBindAddress, NoEtcdAutoTLS, NoInsecurePort, NoLogsHandler, NoProfiling,
	NoStaticTokenAuth, RequestTimeout, ServiceAccountKeys, TerminatedPodGCThreshold,
}

// TestTable: each row belongs to a rule, and a rule refers to the controls of its rows.
func TestTable(t *testing.T) {
	rows := map[string][]row{}
	for _, r := range table {
		rows[r.rule] = append(rows[r.rule], r)
		if r.flag == "" && r.field == "" {
			t.Errorf("%s: a row without a flag and without a field", r.rule)
		}
		if r.want.fits(r.byDefault) && r.want.fits(r.byDefaultInFile) && r.quiet && r.earlier == "" {
			t.Errorf("%s --%s: the default fits, so that quiet has no use", r.rule, r.flag)
		}
	}
	for _, rule := range all {
		var want, got []string
		for _, r := range rows[rule.ID] {
			if r.control != "" && !slices.Contains(want, r.control) {
				want = append(want, r.control)
			}
		}
		for _, ref := range rule.Refs {
			if ref.Standard == cis {
				got = append(got, ref.Control)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(rows[rule.ID]) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s refers to %v; its %d rows have %v", rule.ID, got, len(rows[rule.ID]), want)
		}
		delete(rows, rule.ID)
	}
	for id := range rows {
		t.Errorf("the table has rows of %s, which is no rule of the list", id)
	}
}

func TestIsLoopback(t *testing.T) {
	for text, want := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1:10249": true, "localhost": true, "::1": true, "[::1]:10249": true, "127.8.0.1": true,
		"0.0.0.0": false, "": false, "::": false, "[::]:10249": false, "10.0.0.1:80": false, "localhost.example.com": false,
	} {
		if isLoopback(text) != want {
			t.Errorf("isLoopback(%q) is %v", text, !want)
		}
	}
}

var update = flag.Bool("update", false, "write docs/control-plane.md anew")

// TestPage fails if the table of docs/control-plane.md is not the one here.
func TestPage(t *testing.T) {
	name := filepath.Join("..", "..", "docs", "control-plane.md")
	want := page()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Error("docs/control-plane.md is stale; `go test ./rules/controlplane -run TestPage -update` writes it")
	}
}

func page() string {
	var b strings.Builder
	b.WriteString(`# Settings of the control plane

kubevet reads how the programs of a cluster are started: in static pods, in the files of kubeadm (v1beta2 to v1beta4), Cluster API, kops,
k3s, RKE2 and OpenShift, and in the configuration files of the kubelet, kube-proxy and the scheduler. A setting that is absent is judged by the
program's default in its version, unless kubeadm, kops or k3s sets it, or another file or a placeholder may set it.

Files that are embedded as text in other objects are read as if they were files of their own: the ` + "`files`" + ` of Cluster API, ` + "`fileAssets`" + ` of kops,
the data URLs of a MachineConfig, ` + "`write_files`" + ` of cloud-init, and the entries of ConfigMaps and Secrets. These are the audit policies, the
configurations of encryption, admission, authentication and authorization, those of the programs, kubeconfigs, and static pods. A finding
is at its line if the text is a literal block (` + "`|`" + `) of a manifest, else at the field.

These settings are judged one by one. CIS is the number in version 2.0 of the CIS Kubernetes Benchmark. Rules that compare several
settings, such as [audit-log](rules/controlplane.md#audit-log), are in the [list of rules](rules.md).

| program | flag | field of its file | versions | default | wanted | CIS | rule |
|---|---|---|---|---|---|---|---|
`)
	for _, r := range table {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | [%s](rules/controlplane.md#%s) |\n",
			r.program, code(r.flag, "--"), code(r.field, ""), r.versions(), r.defaults(), r.want.text, r.control, r.rule, r.rule)
	}
	return b.String()
}

func code(text, before string) string {
	if text == "" {
		return ""
	}
	return "`" + before + text + "`"
}

func (r row) versions() string {
	switch {
	case r.removed > 0:
		return fmt.Sprintf("before 1.%d", r.removed)
	case r.since > 0:
		return fmt.Sprintf("from 1.%d", r.since)
	}
	return ""
}

func (r row) defaults() string {
	text := r.byDefault
	if r.flag == "" {
		text = r.byDefaultInFile
	}
	if r.changed > 0 {
		text += fmt.Sprintf(" (%s before 1.%d)", r.earlier, r.changed)
	}
	if r.flag != "" && r.field != "" && r.byDefaultInFile != r.byDefault {
		text += ", in the file " + r.byDefaultInFile
	}
	return text
}
