// Package page is the frame of the HTML reports: one file that loads nothing, works from
// the disk, in light and dark, and on paper.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
)

//go:embed page.css
var style string

//go:embed page.js
var script string

//go:embed page.html
var frame string

// Frame is the template of a page. It runs the template "main" with the Data of a View.
// Clone it, add "main", and pass the clone to Write.
func Frame() *template.Template { return template.Must(template.New("page").Parse(frame)) }

// View is what the frame shows.
type View struct {
	// Title is that of the window.
	Title string
	// Data is for the template "main".
	Data any

	Policy string
	Style  template.CSS
	Script template.JS
}

// Write writes a page. The template is one that Frame gave, with "main" added. Whatever
// is not of the frame is escaped. Nothing but the frame's own style and script runs: the
// page's Content-Security-Policy names their hashes.
func Write(out io.Writer, t *template.Template, title string, data any) error {
	return t.Execute(out, View{
		Title: title, Data: data,
		Policy: "default-src 'none'; style-src '" + hash(style) + "'; script-src '" + hash(script) + "'; base-uri 'none'; form-action 'none'",
		Style:  template.CSS(style), //nolint:gosec // it is our own file
		Script: template.JS(script), //nolint:gosec // it is our own file
	})
}

// hash is the source expression of a text in a Content-Security-Policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
