package report

import (
	"crypto/sha256"
	"encoding/base64"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/report/plain"
)

// hostileText tries to leave each context in which a page shows text of the input.
const hostileText = `"'><script>document.title='owned'</script><img src=x onerror="document.title='owned'"></textarea></style>{{.Title}}` + "\u2028\x1b[31m" + `javascript:alert(1)`

// hostile is a report in which everything that comes from the input is hostileText.
func hostile() *lint.Report {
	r := lint.MapStrings(*many(), func(_, s string) string {
		if s == "" {
			return s
		}
		return s + hostileText
	})
	return &r
}

// nodes yields all elements of a page.
func nodes(t *testing.T, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var l []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			l = append(l, n)
		}
	}
	return l
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// The page loads nothing, and runs nothing but its own script, whose hash its policy has.
func TestHTMLIsSelfContained(t *testing.T) {
	for name, r := range map[string]*lint.Report{"none": clean(), "many": many(), "ignored": withIgnored(), "hostile": hostile()} {
		page := write(t, "html", r, testOptions())
		var policy string
		scripts, styles := 0, 0
		hashOf := func(n *html.Node) string {
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		}
		for _, n := range nodes(t, page) {
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "srcset" {
					t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
				}
				if a.Key == "href" && !strings.HasPrefix(a.Val, "https://kubevet.example/rules#") {
					t.Errorf("%s: a link to %q", name, a.Val)
				}
			}
			switch n.Data {
			case "script":
				scripts++
				if !strings.Contains(policy, "script-src "+hashOf(n)+";") {
					t.Errorf("%s: the policy %q lacks the script %s", name, policy, hashOf(n))
				}
			case "style":
				styles++
				if !strings.Contains(policy, "style-src "+hashOf(n)+";") {
					t.Errorf("%s: the policy %q lacks the style %s", name, policy, hashOf(n))
				}
			case "meta":
				if attribute(n, "http-equiv") == "Content-Security-Policy" {
					policy = attribute(n, "content")
				}
			case "link", "img", "iframe", "object", "embed", "base", "textarea":
				t.Errorf("%s: <%s>", name, n.Data)
			}
		}
		if scripts != 1 || styles != 1 || !strings.HasPrefix(policy, "default-src 'none'; ") {
			t.Errorf("%s: %d scripts, %d styles, policy %q", name, scripts, styles, policy)
		}
	}
}

// The page has each message, place, fix and object, and each field has a label.
func TestHTMLHasEverything(t *testing.T) {
	page := write(t, "html", many(), testOptions())
	var text strings.Builder
	places := 0
	for _, n := range nodes(t, page) {
		if n.Data == "article" {
			places++
		}
		if (n.Data == "select" || n.Data == "input") && n.Parent.Data != "label" {
			t.Errorf("<%s> %q has no label", n.Data, attribute(n, "name"))
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.TextNode && n.Data != "script" && n.Data != "style" {
				text.WriteString(c.Data)
			}
		}
	}
	for _, f := range many().Findings {
		for _, want := range []string{plain.Text(f.Message), f.Rule.ID, f.Object.String(), f.Fix.Title, f.Origin.File} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%q is missing", want)
			}
		}
	}
	for _, p := range many().Problems {
		if !strings.Contains(text.String(), p.Message) {
			t.Errorf("%q is missing", p.Message)
		}
	}
	if places != 6 {
		t.Errorf("%d places", places)
	}
}

// The colours of text have the contrast that WCAG 2 asks for (4.5 to 1).
func TestHTMLContrast(t *testing.T) {
	css, err := os.ReadFile("page/page.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d sets of colours", len(blocks))
	}
	colours := map[string]string{}
	for _, b := range blocks {
		for _, m := range regexp.MustCompile(`--(\w+): (#\w{6})`).FindAllStringSubmatch(b[1], -1) {
			colours[m[1]] = m[2]
		}
		for _, back := range []string{"back", "raised", "added", "removed", "mark"} {
			for _, front := range []string{"text", "link", "muted"} {
				if (back == "mark" || back == "removed") && front != "text" {
					continue
				}
				if c := contrast(colours[front], colours[back]); c < 4.5 {
					t.Errorf("%s on %s: %.1f", front, back, c)
				}
			}
		}
		for _, badge := range []string{"critical", "high", "medium", "low"} {
			if c := contrast("#ffffff", colours[badge]); c < 4.5 {
				t.Errorf("white on %s: %.1f", badge, c)
			}
		}
	}
}

// chromium runs headless Chromium with a page and gives the document that comes of it.
func chromium(t *testing.T, page, fragment string, args ...string) string {
	t.Helper()
	var exe string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			exe = path
			break
		}
	}
	if exe == "" {
		t.Skip("SKIPPED: the page is not tried in a browser; install Debian's package chromium")
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	args = append([]string{
		"--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--user-data-dir=" + t.TempDir(), "--dump-dom",
	}, args...)
	cmd := exec.CommandContext(t.Context(), exe, append(args, "file://"+file+fragment)...)
	cmd.WaitDelay = time.Second // its own children may hold the pipes
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("SKIPPED: the page is not tried in a browser: %s: %v", exe, err)
	}
	return string(out)
}

// In a browser nothing of a hostile report runs, and the filters hide what does not match.
func TestHTMLInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: a browser takes seconds")
	}
	if dom := chromium(t, write(t, "html", hostile(), testOptions()), ""); strings.Contains(dom, "<title>owned") || !strings.Contains(dom, "document.title") {
		t.Error("a script of the input ran")
	}
	page := write(t, "html", many(), testOptions())
	for fragment, want := range map[string]string{
		"":                                 "6 findings at 6 places",
		"#severity=critical&severity=high": "2 findings at 2 places",
		"#search=WEB.YAML%20cpu":           "2 findings at 2 places",
		"#namespace=shop&rule=cpu-limit":   "2 findings at 2 places",
		"#input=overlay":                   "1 finding at 1 place",
	} {
		dom := chromium(t, page, fragment)
		shown, hidden := 0, 0
		for _, n := range nodes(t, dom) {
			switch {
			case n.Data == "output":
				if got := n.FirstChild.Data; got != want {
					t.Errorf("%s: %q, want %q", fragment, got, want)
				}
			case n.Data != "article":
			case strings.Contains(" "+attributeKeys(n)+" ", " hidden "):
				hidden++
			default:
				shown++
			}
		}
		if shown+hidden != 6 || !strings.Contains(want, " at "+lint.Count(shown, "place")) {
			t.Errorf("%s: %d shown, %d hidden", fragment, shown, hidden)
		}
	}
}

func attributeKeys(n *html.Node) string {
	var l []string
	for _, a := range n.Attr {
		l = append(l, a.Key)
	}
	return strings.Join(l, " ")
}

// contrast is the contrast ratio of two colours like #0550ae, as WCAG 2 defines it.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
