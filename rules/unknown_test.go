package rules

import (
	"io/fs"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/examples"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// TestUnknownValues puts placeholders in place of the scalars that the findings of
// the examples are about, one after the other. No rule may then report the value.
func TestUnknownValues(t *testing.T) {
	t.Parallel()
	placed := 0
	for _, name := range exampleFiles(t) {
		documents := exampleDocuments(t, name)
		for n, rule := range reported(documents) {
			if n.Value == "" {
				continue
			}
			was := *n
			for _, text := range []string{"${X}", placeholders[n.Line%len(placeholders)]} {
				n.Value, n.Tag, n.Style = text, "!!str", yaml.DoubleQuotedStyle
				if id, again := reported(documents)[n]; again {
					t.Errorf("%s:%d: %s reports %s (in place of %q, which %s reports)", name, n.Line, id, text, was.Value, rule)
				}
				placed++
			}
			*n = was
		}
	}
	if placed < 400 {
		t.Errorf("only %d placeholders were tried", placed)
	}
}

// exampleFiles lists the examples of rules that are plain manifests.
func exampleFiles(t *testing.T) (files []string) {
	t.Helper()
	err := fs.WalkDir(examples.Files, ".", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, ".yaml") && !strings.Contains(name, "charts") {
			files = append(files, name)
		}
		return err
	})
	if err != nil || len(files) < 50 {
		t.Fatal("the examples are not there", err)
	}
	return files
}

func exampleDocuments(t *testing.T, name string) (documents []*yaml.Node) {
	t.Helper()
	data, err := fs.ReadFile(examples.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range manifest.Documents(data) {
		documents = append(documents, d.Node)
	}
	return documents
}

var placeholders = []string{
	"${X:=default}", "$X", "{{ x }}", "#{X}#", "__X__", "<% x %>", "%X%", "[[ x ]]", "((x))", "ENC[AES256_GCM,data:Tg=,iv:1=,tag:k=,type:str]",
}

// reported gives the scalars that findings are about, with one of the rules.
func reported(documents []*yaml.Node) map[*yaml.Node]string {
	at := scalarsAt{}
	u := &lint.Unit{Input: "test"}
	for _, n := range documents {
		if o, ok := lint.NewObject(n, at); ok {
			u.Objects = append(u.Objects, o)
		}
	}
	c := lint.Checker{Rules: All(), Version: lint.Newest, Profile: lint.Strict}
	findings, _ := c.Check(u)
	m := map[*yaml.Node]string{}
	for _, f := range findings {
		if f.Path == "metadata.name" && f.Rule.ID != "valid-name" {
			continue // it is about the object, which its name identifies
		}
		if n := at[f.Origin.Position]; n != nil {
			m[n] = f.Rule.ID
		}
	}
	return m
}

// scalarsAt is a Locator that places scalars and nothing else.
type scalarsAt map[lint.Position]*yaml.Node

func (s scalarsAt) Locate(v lint.Value) lint.Origin {
	if !v.IsScalar() {
		return lint.Origin{}
	}
	p := lint.Position{File: "test", Line: v.Node.Line, Column: v.Node.Column}
	s[p] = v.Node
	return lint.Origin{Position: p}
}
