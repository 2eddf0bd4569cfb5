package report

// Fit makes a text of the input one line of a terminal: without control
// characters, and cut to a number of columns.
func Fit(text string, columns int) string {
	text = Plain(text)
	if columnsOf(text) <= columns {
		return text
	}
	room := max(columns-1, 0) // for the mark
	end := 0
	for i, r := range text {
		if room -= columnsOf(string(r)); room < 0 {
			end = i
			break
		}
	}
	return text[:end] + "…"
}

// columnsOf is how many columns of a terminal a text is wide.
func columnsOf(text string) int {
	n := 0
	for _, r := range text {
		n++
		if isWide(r) {
			n++
		}
	}
	return n
}
