package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxStops is the size of the largest text in which the line is looked for at which the parser stops: the text is read a few times.
const maxStops = 256 << 10

// stops is the line of a text at which the parser stops with an error, from 1: the last one of the fewest whole lines that give the
// same error. Of an error in a block, the parser names the line at which the block begins. It is 0 if it is not known.
func stops(text []byte, failed error) int {
	what := failed.Error()
	if !strings.HasSuffix(what, "did not find expected key") && !strings.HasSuffix(what, "did not find expected '-' indicator") || len(text) > maxStops {
		return 0
	}
	all := &lineReader{ends: []int{0}, text: text}
	for line := range bytes.Lines(text) {
		all.ends = append(all.ends, all.ends[len(all.ends)-1]+len(line))
	}
	fails := func(lines int) bool {
		err := firstError(bytes.NewReader(text[:all.ends[lines]]))
		return err != nil && err.Error() == what
	}
	if firstError(all) == nil {
		return 0
	}
	low, high := all.lines, all.lines // the parser has read no more than these: the last one is mostly the line
	for step := 1; low > 0 && fails(low); step *= 2 {
		low, high = max(low-step, 0), low
	}
	if low == all.lines {
		return 0
	}
	return low + 1 + sort.Search(high-low-1, func(i int) bool { return fails(low + 1 + i) })
}

// lineReader gives a text line by line, so that it is known how many lines the parser needed.
type lineReader struct {
	text  []byte
	ends  []int // of the lines, with 0 before the first one
	at    int
	lines int // how many were begun
}

// Read gives the rest of a line.
func (r *lineReader) Read(to []byte) (int, error) {
	if r.at == len(r.text) {
		return 0, io.EOF
	}
	if r.at == r.ends[r.lines] {
		r.lines++
	}
	n := copy(to, r.text[r.at:r.ends[r.lines]])
	r.at += n
	return n, nil
}

// firstError is the error with which the parser stops in a text. It is nil if it does not.
func firstError(text io.Reader) error {
	decoder := yaml.NewDecoder(text)
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// outOfLine says how a line of a text, from 1, is indented in another way than what it should be beside. It is empty if it is not.
func outOfLine(text []byte, line int) string {
	lines := bytes.Split(text, []byte("\n"))
	own, isItem := indentation(lines[line-1])
	if own < 0 {
		return ""
	}
	var above []int // of the blocks that are open, the innermost first
	for _, l := range slices.Backward(lines[:line-1]) {
		n, item := indentation(l)
		switch {
		case n < 0 || len(above) > 0 && n >= above[len(above)-1]:
		case n > own && (!isItem || item):
			above = append(above, n)
		case n > own:
		case n == own && (!isItem || item):
			return ""
		case len(above) == 0:
			return ""
		case isItem:
			return fmt.Sprintf("the item is indented by %d spaces, those of the list above by %d", own, above[len(above)-1])
		default:
			return fmt.Sprintf("the line is indented by %d spaces, those above by %d and %d", own, n, above[len(above)-1])
		}
	}
	return ""
}

// indentation is how many blanks a line begins with, and whether an item of a list follows. It is -1 for lines without content.
func indentation(line []byte) (n int, isItem bool) {
	content := bytes.TrimLeft(line, " ")
	if len(bytes.TrimSpace(content)) == 0 || content[0] == '#' {
		return -1, false
	}
	return len(line) - len(content), content[0] == '-' && len(bytes.TrimSpace(content[:min(2, len(content))])) == 1
}
