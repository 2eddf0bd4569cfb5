package network

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// InternetFacingSeparation reports workloads that face the Internet beside workloads that do not, and
// workloads that face the Internet and may reach a database.
//
// What faces the Internet is attacked first. In a namespace with internal services, anyone who takes it
// over has their names, and often their Secrets and service accounts; with a database within reach, one
// vulnerability is enough for the data.
//
// A workload faces the Internet if a Service of type LoadBalancer that is not internal, external
// addresses, an Ingress, a route of the Gateway API, or a Route of OpenShift leads to it. Databases are known
// by their images, and judged if they are in the same namespace. Manifests of a tree that name no namespace
// are compared with those of their directory. The rule is part of the strict profile only: small
// applications have a front and a database in one namespace. Pods of hooks are exempt.
var InternetFacingSeparation = &lint.Rule{
	ID:        "internet-facing-separation",
	Title:     "Internet-facing workload is not separate from internal ones",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-dmz"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network separation and hardening"},
		{Standard: owasp, Control: "K05"},
	},
	Fix:   "move what faces the Internet to a namespace of its own, and let only what is between reach the data",
	Check: lint.UnitCheck(checkSeparation),
}

func checkSeparation(p *lint.Pass) {
	n := connect.Of(p)
	var facing []*connect.Workload
	internal, data := map[scope][]*connect.Workload{}, map[scope][]*connect.Workload{}
	for _, w := range n.Workloads {
		switch {
		case w.Hook != "" || w.Batch:
			continue
		case n.FacesInternet(w):
			facing = append(facing, w)
			continue
		case isDatabase(w):
			data[scopeOf(p, w.Workload)] = append(data[scopeOf(p, w.Workload)], w)
		}
		internal[scopeOf(p, w.Workload)] = append(internal[scopeOf(p, w.Workload)], w)
	}
	for _, w := range facing {
		e := n.Entrances(w)[slices.IndexFunc(n.Entrances(w), connect.Entrance.IsInternet)]
		face := fmt.Sprintf("%s faces the Internet by %s", w.KindName(), lint.KindName(e.Kind, e.Object.Name))
		open := []lint.Related{{Object: e.Object, At: e.At, Label: "the way in"}}
		if l := internal[scopeOf(p, w.Workload)]; len(l) > 0 {
			p.Report(lint.Diagnostic{
				Object: w.Object, At: w.Root.Get("metadata.name"), KnownPart: true, Related: open,
				Message: fmt.Sprintf("%s, and shares its namespace with %s; want a namespace for what faces the Internet", face, some(l)),
			})
		}
		for _, db := range data[scopeOf(p, w.Workload)] {
			if r := n.Connection(w, db); r.Ports.Intersect(dataPorts(db)).IsEmpty() {
				continue
			}
			p.Report(lint.Diagnostic{
				Object: w.Object, At: w.Pod.Get("containers"), KnownPart: true, Related: open,
				Message: fmt.Sprintf("%s, and may reach the data in %s; want a service between them, or a policy that denies it", face, db.KindName()),
			})
			break // one is enough
		}
	}
}

// some names the first of some workloads, and how many others there are.
func some(l []*connect.Workload) string {
	first := l[0].Kind + " " + l[0].Name
	if len(l) == 1 {
		return first
	}
	return fmt.Sprintf("%s and %d more", first, len(l)-1)
}

// databases are the images that keep data, by the last part of their names, with the ports
// where they serve it.
var databases = map[string]int{
	"cassandra": 9042, "clickhouse": 9000, "clickhouse-server": 9000, "cockroach": 26257, "couchdb": 5984, "elasticsearch": 9200, "etcd": 2379, "influxdb": 8086,
	"kafka": 9092, "mariadb": 3306, "memcached": 11211, "mongo": 27017, "mongodb": 27017, "mssql-server": 1433, "mysql": 3306, "mysql-server": 3306, "neo4j": 7687,
	"opensearch": 9200, "postgres": 5432, "postgresql": 5432, "redis": 6379, "scylla": 9042, "server-mssql": 1433, "timescaledb": 5432, "valkey": 6379,
}

// isDatabase reports whether a workload keeps data, by its images.
func isDatabase(w *connect.Workload) bool { return !dataPorts(w).IsEmpty() }

// dataPorts is the ports where a workload serves data. It is empty for workloads that are
// no databases.
func dataPorts(w *connect.Workload) connect.Ports {
	var ports connect.Ports
	for _, c := range w.Select(lint.LongRunning) {
		image, _, _ := strings.Cut(c.Get("image").Text(), "@")
		image = image[strings.LastIndexByte(image, '/')+1:]
		image, _, _ = strings.Cut(image, ":")
		if port, ok := databases[image]; ok {
			ports = ports.Union(connect.PortRange(connect.TCP, port, port))
		}
	}
	return ports
}
