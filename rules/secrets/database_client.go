package secrets

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// databasesOf is the passwords that the containers of databases in a unit take as text, by the password.
var databasesOf = lint.UnitIndex("passwords of databases", func(p *lint.Pass) map[string]*spot {
	byPassword := map[string]*spot{}
	for _, o := range p.Unit.Objects {
		for _, w := range o.Workloads {
			for _, c := range w.Containers {
				for key, v := range variables(c) {
					if word := valueOf(v); isOfDatabase(key) && word != "" && byPassword[word] == nil {
						byPassword[word] = &spot{place: inEnv, key: key, at: v, container: c}
					}
				}
			}
		}
	}
	return byPassword
})

// ofClient is the database of the unit whose password a default of one of its clients may be: the name of the variable or key says that it is for a
// database, and the password is the same. It is nil for other spots.
func (s spot) ofClient(p *lint.Pass) *spot {
	isWhole := s.name == "" || s.name == s.key
	if s.Kind != detect.Default || !isWhole || s.place != inEnv && s.place != inSecret && s.place != inConfigMap || s.place == inEnv && isOfDatabase(s.key) {
		return nil
	}
	text := strings.TrimSpace(s.decoded)
	if text == "" {
		text = strings.TrimSpace(valueOf(s.at))
	}
	word := text
	if password, ok := detect.PasswordOfURL(text); ok {
		word = password
	} else if !namesDatabase(s.key) {
		return nil
	}
	db := databasesOf(p)[word]
	if db == nil || s.at.Node == db.at.Node {
		return nil
	}
	return db
}

// namesDatabase reports names of what is for a database: DB_PASSWORD.
func namesDatabase(key string) bool {
	return slices.ContainsFunc(detect.Words(key), func(w string) bool {
		switch w {
		case "db", "database", "datasource", "postgres", "postgresql", "pg", "pgpassword", "mysql", "mariadb", "mongo", "mongodb", "sql", "jdbc":
			return true
		}
		return false
	})
}

// label names the container of a spot and its object.
func (s *spot) label() string {
	o := s.container.Workload.Object
	return s.container.Label() + " of " + o.Kind + " " + o.Name
}
