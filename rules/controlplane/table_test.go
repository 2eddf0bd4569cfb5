package controlplane

import (
	"slices"
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
