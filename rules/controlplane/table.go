package controlplane

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// row is one setting of a program, and what is wanted of it.
type row struct {
	// rule is the id of the rule that the row belongs to.
	rule    string
	program controlplane.Program
	// flag is without dashes, field is the path in the program's configuration file. An
	// empty one does not exist.
	flag, field string
	// since and removed are the minor versions of Kubernetes 1 from which on the flag
	// exists, and does not exist any more. Zero: always, never.
	since, removed int
	// byDefault is the flag's value if unset, byDefaultInFile the field's. Empty: none.
	byDefault, byDefaultInFile string
	// zeroIsDefault is set if the file's field counts as unset where it is zero.
	zeroIsDefault bool
	// earlier is the flag's value if unset before the minor version changed. Zero: the
	// default has not changed.
	changed int
	earlier string
	want    want
	// unless names flags of which one takes the place of this.
	unless []string
	// quiet is set if an absent setting has low severity, and strict if only the strict
	// profile reports it.
	quiet, strict bool
	// fix is what to do about the setting alone. Empty: what the rule says, or what follows from want.
	fix string
	// complete adds to the fix what a component needs beside it. Nil: nothing.
	complete func(p *lint.Pass, c *controlplane.Component, fix string) string
	// control is the number in the CIS Benchmark. Empty: it has none.
	control string
}

// want is what a setting should have.
type want struct {
	// text is what messages say after "want".
	text string
	// fits reports whether a value does. An empty value is an unset one.
	fits func(text string) bool
}

// is wants one value.
func is(text string) want {
	return want{text, func(have string) bool { return have == text }}
}

// isNot wants anything but some values. Text says what.
func isNot(text string, bad ...string) want {
	return want{text, func(have string) bool { return !slices.Contains(bad, have) }}
}

var (
	// aFile wants the path of a file.
	aFile = want{"a file", func(have string) bool { return strings.TrimSpace(have) != "" }}
	// nothing wants the setting not to be there.
	nothing = want{"it unset", func(have string) bool { return have == "" }}
	// local wants an address that other machines do not reach.
	local = want{"127.0.0.1", isLoopback}
	// aLimit wants a number above zero.
	aLimit = want{"a limit", func(have string) bool { n, err := strconv.ParseInt(have, 10, 64); return err == nil && n > 0 }}
	// allEvents wants a rate at which no events of a node are lost. Zero is no limit.
	allEvents = want{"5 or more", func(have string) bool { n, err := strconv.Atoi(have); return err == nil && (n == 0 || n >= 5) }}
	// notForever wants a duration above zero, or none.
	notForever = want{"a duration", func(have string) bool { d, err := time.ParseDuration(have); return have == "" || err == nil && d > 0 }}
)

// atLeast wants a number.
func atLeast(least int) want {
	return want{strconv.Itoa(least) + " or more", func(have string) bool {
		n, err := strconv.Atoi(have)
		return err == nil && n >= least
	}}
}

// atMost wants a duration of that length at most, or none. One that cannot be read does
// not fit: the program would not start.
func atMost(most time.Duration) want {
	return want{"at most " + most.String(), func(have string) bool {
		d, err := time.ParseDuration(have)
		return have == "" || err == nil && d > 0 && d <= most
	}}
}

// isLoopback reports an address, with or without a port, that other machines do not reach.
func isLoopback(text string) bool {
	host := text
	if i := strings.LastIndexByte(text, ':'); i >= 0 && (strings.Count(text, ":") == 1 || strings.HasPrefix(text, "[")) {
		host = text[:i]
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// The programs, short.
const (
	server    = controlplane.APIServer
	manager   = controlplane.ControllerManager
	scheduler = controlplane.Scheduler
	etcd      = controlplane.Etcd
	kubelet   = controlplane.Kubelet
	proxy     = controlplane.KubeProxy
)

// table is every setting that is judged by itself. What depends on several settings at once
// is in the file of its rule.
var table = []row{
	// The API server.
	{rule: "no-static-token-auth", program: server, flag: "token-auth-file", want: nothing, control: "1.2.2"},
	{rule: "no-static-token-auth", program: server, flag: "basic-auth-file", removed: 19, want: nothing},
	{rule: "api-server-kubelet-tls", program: server, flag: "kubelet-client-certificate", want: aFile, control: "1.2.4"},
	{rule: "api-server-kubelet-tls", program: server, flag: "kubelet-client-key", want: aFile, control: "1.2.4"},
	{
		rule: "api-server-kubelet-tls", program: server, flag: "kubelet-certificate-authority", want: aFile, quiet: true, control: "1.2.5",
		fix: "let the cluster's authority sign the kubelets' serving certificates (serverTLSBootstrap: true, and approve their requests), and then give --kubelet-certificate-authority its file",
	},
	{rule: "api-server-kubelet-tls", program: server, flag: "kubelet-https", removed: 22, byDefault: "true", want: is("true")},
	{rule: "no-profiling", program: server, flag: "profiling", byDefault: "true", want: is("false"), quiet: true, control: "1.2.15"},
	{rule: "request-timeout", program: server, flag: "request-timeout", byDefault: "1m0s", want: atMost(5 * time.Minute), control: "1.2.20"},
	{rule: "service-account-keys", program: server, flag: "service-account-lookup", byDefault: "true", want: is("true"), control: "1.2.21"},
	{rule: "service-account-keys", program: server, flag: "service-account-key-file", want: aFile, unless: []string{"service-account-signing-endpoint"}, control: "1.2.22"},
	{rule: "api-server-etcd-tls", program: server, flag: "etcd-certfile", want: aFile, control: "1.2.23"},
	{rule: "api-server-etcd-tls", program: server, flag: "etcd-keyfile", want: aFile, control: "1.2.23"},
	{rule: "api-server-etcd-tls", program: server, flag: "etcd-cafile", want: aFile, control: "1.2.26"},
	{rule: "api-server-certificate", program: server, flag: "tls-cert-file", want: aFile, unless: []string{"tls-sni-cert-key"}, control: "1.2.24"},
	{rule: "api-server-certificate", program: server, flag: "tls-private-key-file", want: aFile, unless: []string{"tls-sni-cert-key"}, control: "1.2.24"},
	{rule: "api-server-client-ca", program: server, flag: "client-ca-file", want: aFile, control: "1.2.25"},
	{rule: "no-logs-handler", program: server, flag: "enable-logs-handler", byDefault: "false", changed: 31, earlier: "true", want: is("false"), quiet: true},
	{rule: "no-insecure-port", program: server, flag: "insecure-port", removed: 24, byDefault: "0", changed: 20, earlier: "8080", want: is("0")},
	{rule: "no-insecure-port", program: server, flag: "insecure-bind-address", removed: 24, want: nothing},
	{rule: "no-insecure-port", program: server, flag: "secure-port", byDefault: "6443", want: isNot("a port", "0")},

	// The controller manager.
	{rule: "terminated-pod-gc-threshold", program: manager, flag: "terminated-pod-gc-threshold", want: aLimit, strict: true, control: "1.3.1"},
	{rule: "no-profiling", program: manager, flag: "profiling", byDefault: "true", want: is("false"), quiet: true, control: "1.3.2"},
	{rule: "controller-manager-service-account-credentials", program: manager, flag: "use-service-account-credentials", byDefault: "false", want: is("true"), control: "1.3.3"},
	{rule: "service-account-keys", program: manager, flag: "service-account-private-key-file", want: aFile, control: "1.3.4"},
	{rule: "service-account-keys", program: manager, flag: "root-ca-file", want: aFile, control: "1.3.5"},
	{rule: "local-bind-address", program: manager, flag: "bind-address", byDefault: "0.0.0.0", want: local, complete: keepProbes, control: "1.3.7"},

	// The scheduler.
	{rule: "no-profiling", program: scheduler, flag: "profiling", field: "enableProfiling", byDefault: "true", byDefaultInFile: "true", want: is("false"), quiet: true, control: "1.4.1"},
	{rule: "local-bind-address", program: scheduler, flag: "bind-address", byDefault: "0.0.0.0", want: local, complete: keepProbes, control: "1.4.2"},

	// etcd.
	{rule: "etcd-tls", program: etcd, flag: "cert-file", want: aFile, unless: []string{"auto-tls"}, control: "2.1"},
	{rule: "etcd-tls", program: etcd, flag: "key-file", want: aFile, unless: []string{"auto-tls"}, control: "2.1"},
	{rule: "etcd-client-cert-auth", program: etcd, flag: "client-cert-auth", byDefault: "false", want: is("true"), complete: trusts("trusted-ca-file", "listen-client-urls", "clients"), control: "2.2"},
	{rule: "no-etcd-auto-tls", program: etcd, flag: "auto-tls", byDefault: "false", want: is("false"), control: "2.3"},
	{rule: "etcd-tls", program: etcd, flag: "peer-cert-file", want: aFile, unless: []string{"peer-auto-tls"}, control: "2.4"},
	{rule: "etcd-tls", program: etcd, flag: "peer-key-file", want: aFile, unless: []string{"peer-auto-tls"}, control: "2.4"},
	{rule: "etcd-peer-cert-auth", program: etcd, flag: "peer-client-cert-auth", byDefault: "false", want: is("true"), complete: trusts("peer-trusted-ca-file", "listen-peer-urls", "other members"), control: "2.5"},
	{rule: "no-etcd-auto-tls", program: etcd, flag: "peer-auto-tls", byDefault: "false", want: is("false"), control: "2.6"},
	{rule: "no-profiling", program: etcd, flag: "enable-pprof", byDefault: "false", want: is("false")},

	// The kubelet. Defaults of its file are safer than those of its flags.
	{rule: "kubelet-no-anonymous-auth", program: kubelet, flag: "anonymous-auth", field: "authentication.anonymous.enabled", byDefault: "true", byDefaultInFile: "false", want: is("false"), control: "4.2.1"},
	{rule: "kubelet-authorization", program: kubelet, flag: "authorization-mode", field: "authorization.mode", byDefault: "AlwaysAllow", byDefaultInFile: "Webhook", want: is("Webhook"), control: "4.2.2"},
	{rule: "kubelet-client-ca", program: kubelet, flag: "client-ca-file", field: "authentication.x509.clientCAFile", want: aFile, control: "4.2.3"},
	{rule: "kubelet-no-read-only-port", program: kubelet, flag: "read-only-port", field: "readOnlyPort", byDefault: "10255", byDefaultInFile: "0", want: is("0"), control: "4.2.4"},
	{rule: "kubelet-streaming-timeout", program: kubelet, flag: "streaming-connection-idle-timeout", field: "streamingConnectionIdleTimeout", byDefault: "4h0m0s", byDefaultInFile: "4h0m0s", zeroIsDefault: true, want: notForever, control: "4.2.5"},
	{rule: "kubelet-iptables-chains", program: kubelet, flag: "make-iptables-util-chains", field: "makeIPTablesUtilChains", byDefault: "true", byDefaultInFile: "true", want: is("true"), control: "4.2.6"},
	{rule: "kubelet-no-hostname-override", program: kubelet, flag: "hostname-override", want: nothing, control: "4.2.7"},
	{rule: "kubelet-event-rate", program: kubelet, flag: "event-qps", field: "eventRecordQPS", byDefault: "50", byDefaultInFile: "50", want: allEvents, control: "4.2.8"},
	{rule: "kubelet-pod-pids-limit", program: kubelet, flag: "pod-max-pids", field: "podPidsLimit", byDefault: "-1", byDefaultInFile: "-1", want: aLimit, quiet: true, control: "4.2.13"},
	{rule: "kubelet-seccomp-default", program: kubelet, flag: "seccomp-default", field: "seccompDefault", since: 22, byDefault: "false", byDefaultInFile: "false", want: is("true"), quiet: true, control: "4.2.14"},
	{rule: "kubelet-protect-kernel-defaults", program: kubelet, flag: "protect-kernel-defaults", field: "protectKernelDefaults", byDefault: "false", byDefaultInFile: "false", want: is("true"), strict: true},
	{rule: "no-logs-handler", program: kubelet, field: "enableSystemLogHandler", byDefaultInFile: "true", want: is("false"), quiet: true},
	{rule: "no-logs-handler", program: kubelet, field: "enableSystemLogQuery", byDefaultInFile: "false", want: is("false")},

	// kube-proxy.
	{rule: "local-bind-address", program: proxy, flag: "metrics-bind-address", field: "metricsBindAddress", byDefault: "127.0.0.1:10249", byDefaultInFile: "127.0.0.1:10249", want: local, complete: keepProbes, control: "4.3.1"},
	{rule: "no-profiling", program: proxy, flag: "profiling", field: "enableProfiling", byDefault: "false", byDefaultInFile: "false", want: is("false")},
}

// rowsOf lists the rows of a rule.
func rowsOf(rule string) []row {
	var l []row
	for _, r := range table {
		if r.rule == rule {
			l = append(l, r)
		}
	}
	return l
}
