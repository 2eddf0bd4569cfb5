package trace

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // one of Helm's functions
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
	goyaml "sigs.k8s.io/yaml/goyaml.v3"
)

// Functions are the functions that Helm gives to templates. Those that depend on chance,
// the clock, the environment or the network are replaced by fixed ones, so that the same
// chart always renders to the same bytes.
func Functions() template.FuncMap {
	f := sprig.TxtFuncMap()
	delete(f, "env") // Helm has neither of them
	delete(f, "expandenv")
	builtins := template.FuncMap{
		"print": fmt.Sprint, "printf": fmt.Sprintf, "println": fmt.Sprintln,
		"html": template.HTMLEscaper, "js": template.JSEscaper, "urlquery": template.URLQueryEscaper,
	}
	maps.Copy(f, builtins)
	maps.Copy(f, new(Conversions).functions())
	maps.Copy(f, fixedFunctions())
	f["lookup"] = func(_, _, _, _ string) (map[string]any, error) { return map[string]any{}, nil }
	f["getHostByName"] = func(string) string { return "" }
	f["eq"], f["ne"] = TemplateEq, TemplateNe
	return f
}

// functions convert values to YAML, JSON and TOML and back. As in Helm, they
// never fail: an error becomes an empty text, or the key Error.
func (c *Conversions) functions() template.FuncMap {
	return template.FuncMap{
		"toYaml": c.marshal,
		"toYamlPretty": func(v any) string {
			var out bytes.Buffer
			e := goyaml.NewEncoder(&out)
			e.SetIndent(2)
			if e.Encode(v) != nil {
				return ""
			}
			return strings.TrimSuffix(out.String(), "\n")
		},
		"toJson": func(v any) string {
			data, err := json.Marshal(v)
			if err != nil {
				return ""
			}
			return string(data)
		},
		"toToml": func(v any) string {
			var out bytes.Buffer
			if err := toml.NewEncoder(&out).Encode(v); err != nil {
				return err.Error()
			}
			return out.String()
		},
		"fromYaml":      c.parse,
		"fromJson":      func(s string) map[string]any { return decodeMap(s, json.Unmarshal) },
		"fromToml":      func(s string) map[string]any { return decodeMap(s, toml.Unmarshal) },
		"fromYamlArray": func(s string) []any { return decodeList(s, unmarshalYAML) },
		"fromJsonArray": func(s string) []any { return decodeList(s, json.Unmarshal) },
	}
}

func unmarshalYAML(data []byte, v any) error { return yaml.Unmarshal(data, v) }

func decodeMap(s string, decode func([]byte, any) error) map[string]any {
	m := map[string]any{}
	if err := decode([]byte(s), &m); err != nil {
		if m == nil {
			m = map[string]any{}
		}
		m["Error"] = err.Error()
	}
	return m
}

func decodeList(s string, decode func([]byte, any) error) []any {
	l := []any{}
	if err := decode([]byte(s), &l); err != nil {
		l = []any{err.Error()}
	}
	return l
}

// fixedTime is the result of now.
func fixedTime() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }

// certificate is the part of a generated certificate that templates read.
type certificate struct{ Cert, Key string }

func fixedCertificate() certificate {
	return certificate{Cert: pem("CERTIFICATE"), Key: pem("RSA PRIVATE KEY")}
}

func pem(kind string) string {
	return "-----BEGIN " + kind + "-----\nRklYRUQ=\n-----END " + kind + "-----\n"
}

// fixedFunctions replace the functions that return something else on every call.
func fixedFunctions() template.FuncMap {
	letters := func(letter string) func(int) (string, error) {
		return func(n int) (string, error) {
			if n > maxString>>6 {
				return "", fmt.Errorf("%w: %d random characters", ErrBudget, n)
			}
			return strings.Repeat(letter, max(n, 0)), nil
		}
	}
	f := template.FuncMap{
		"randAlphaNum":  letters("a"),
		"randAlpha":     letters("a"),
		"randAscii":     letters("a"),
		"randNumeric":   letters("1"),
		"randBytes":     encodedZeros,
		"randInt":       randInt,
		"uuidv4":        func() string { return "00000000-0000-4000-8000-000000000000" },
		"shuffle":       func(s string) string { return s },
		"bcrypt":        func(string) string { return "$2a$10$" + strings.Repeat("a", 53) },
		"htpasswd":      func(user, _ string) string { return user + ":$2a$10$" + strings.Repeat("a", 53) },
		"encryptAES":    func(_, s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil },
		"genPrivateKey": func(string) string { return pem("RSA PRIVATE KEY") },
		"genCA":         func(string, int) (certificate, error) { return fixedCertificate(), nil },
		"genCAWithKey":  func(string, int, string) (certificate, error) { return fixedCertificate(), nil },
		"genSelfSignedCert": func(string, []any, []any, int) (certificate, error) {
			return fixedCertificate(), nil
		},
		"genSelfSignedCertWithKey": func(string, []any, []any, int, string) (certificate, error) {
			return fixedCertificate(), nil
		},
		"genSignedCert": func(string, []any, []any, int, any) (certificate, error) {
			return fixedCertificate(), nil
		},
		"genSignedCertWithKey": func(string, []any, []any, int, any, string) (certificate, error) {
			return fixedCertificate(), nil
		},
		"buildCustomCert": func(cert, key string) (certificate, error) {
			c, err := base64.StdEncoding.DecodeString(cert)
			if err != nil {
				return certificate{}, fmt.Errorf("unable to decode base64 encoded certificate: %w", err)
			}
			k, err := base64.StdEncoding.DecodeString(key)
			if err != nil {
				return certificate{}, fmt.Errorf("unable to decode base64 encoded private key: %w", err)
			}
			return certificate{Cert: string(c), Key: string(k)}, nil
		},
		"derivePassword": func(_ uint32, _, _, _, _ string) string { return "derived-password" },
		"keys": func(dicts ...map[string]any) []string {
			l := []string{}
			for _, d := range dicts {
				for k := range d {
					l = append(l, k)
				}
			}
			slices.Sort(l)
			return l
		},
		"values": func(d map[string]any) []any {
			l := []any{}
			for _, k := range SortedKeys(d) {
				l = append(l, d[k])
			}
			return l
		},
	}
	maps.Copy(f, clockFunctions())
	maps.Copy(f, hashFunctions())
	return f
}

// hashFunctions are those of Helm, except that the hash of a random text is as fixed as the
// text: a reader must not take it for one that somebody wrote down.
func hashFunctions() template.FuncMap {
	hashOf := func(sum func([]byte) []byte) func(string) string {
		return func(s string) string {
			hash := hex.EncodeToString(sum([]byte(s)))
			if isFixed(s) {
				return strings.Repeat("a", len(hash))
			}
			return hash
		}
	}
	return template.FuncMap{
		"sha1sum":   hashOf(func(b []byte) []byte { s := sha1.Sum(b); return s[:] }), //nolint:gosec // Helm's function
		"sha256sum": hashOf(func(b []byte) []byte { s := sha256.Sum256(b); return s[:] }),
		"sha512sum": hashOf(func(b []byte) []byte { s := sha512.Sum512(b); return s[:] }),
	}
}

// isFixed reports whether a text is short and holds one of those that are in the place of a
// random one, as it is or in base64. A long text, such as a file that is hashed to notice that
// it changed, may well hold the same letters.
func isFixed(s string) bool {
	return len(s) <= 256 && (strings.Contains(s, "aaaaaaaa") || strings.Contains(s, "YWFhYWFh") || strings.Contains(s, "AAAAAAAA"))
}

func encodedZeros(n int) (string, error) {
	if n > maxString>>6 {
		return "", fmt.Errorf("%w: %d random bytes", ErrBudget, n)
	}
	return base64.StdEncoding.EncodeToString(make([]byte, max(n, 0))), nil
}

func randInt(low, high int) (int, error) {
	if high <= low {
		return 0, fmt.Errorf("randInt: %d is not below %d", low, high)
	}
	return low, nil
}

// clockFunctions replace the functions that read the clock or the local time zone.
func clockFunctions() template.FuncMap {
	inZone := func(layout string, date any, zone string) string {
		loc, err := time.LoadLocation(zone)
		if err != nil || zone == "Local" {
			loc = time.UTC
		}
		return toTime(date).In(loc).Format(layout)
	}
	toDate := func(layout, s string) (time.Time, error) { return time.ParseInLocation(layout, s, time.UTC) }
	return template.FuncMap{
		"now":            fixedTime,
		"ago":            func(date any) string { return fixedTime().Sub(toTime(date)).Round(time.Second).String() },
		"date":           func(layout string, date any) string { return inZone(layout, date, "UTC") },
		"dateInZone":     inZone,
		"date_in_zone":   inZone,
		"htmlDate":       func(date any) string { return inZone("2006-01-02", date, "UTC") },
		"htmlDateInZone": func(date any, zone string) string { return inZone("2006-01-02", date, zone) },
		"toDate":         func(layout, s string) time.Time { t, _ := toDate(layout, s); return t },
		"mustToDate":     toDate,
	}
}

func toTime(date any) time.Time {
	switch date := date.(type) {
	case time.Time:
		return date
	case *time.Time:
		if date != nil {
			return *date
		}
	case int64:
		return time.Unix(date, 0)
	case int:
		return time.Unix(int64(date), 0)
	case int32:
		return time.Unix(int64(date), 0)
	}
	return fixedTime()
}
