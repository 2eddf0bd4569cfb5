package report

// Columns is how many columns of a terminal a text is wide.
func Columns(text string) int { return columnsOf(text) }

// MarkdownCell makes a text of the input safe for a cell of a Markdown table.
func MarkdownCell(text string) string { return markdownCell(text) }
