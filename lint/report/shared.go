package report

import "io"

// Columns is how many columns of a terminal a text is wide.
func Columns(text string) int { return columnsOf(text) }

// MarkdownCell makes a text of the input safe for a cell of a Markdown table.
func MarkdownCell(text string) string { return markdownCell(text) }

// WriteJSON writes a value as indented JSON in which every control and invisible
// character of a text is an escape.
func WriteJSON(out io.Writer, v any) error { return writeJSON(out, v) }
