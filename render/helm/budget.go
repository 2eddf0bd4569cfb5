package helm

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// Bounds of one rendering. Real charts stay far below: the largest known print
// 10 MB and nest 30 templates.
const (
	maxOutput  = 256 << 20 // bytes printed, and made by functions
	maxString  = 64 << 20  // bytes made by one call
	maxNesting = 1000      // templates within templates
	maxBlocks  = 1000      // blocks within blocks of one template
	maxParts   = 5_000_000 // parts of a value that is printed
	maxLevels  = 500       // its depth
	maxList    = 1_000_000 // elements of a list that is made
	noteBytes  = 64        // what remembering one string counts for
)

// errBudget is the root of errors about bounds.
var errBudget = errors.New("the chart goes beyond what it may use")

// budget bounds what the templates of one rendering use. Functions check it
// before they do what cannot be stopped.
type budget struct {
	ctx   context.Context
	bytes int
	depth int
	ticks uint
}

// stopped is why the rendering must end, if it must.
func (b *budget) stopped() error {
	if err := b.ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", errBudget, err)
	}
	return nil
}

// step counts one call, and looks at the clock now and then.
func (b *budget) step() error {
	if b.ticks++; b.ticks%256 == 0 {
		return b.stopped()
	}
	return nil
}

// spend counts bytes printed or made.
func (b *budget) spend(n int) error {
	if b.bytes += n; b.bytes > maxOutput {
		return fmt.Errorf("%w: more than %d MiB of text", errBudget, maxOutput>>20)
	}
	return b.step()
}

// product checks the size of what a function would make of a text n times.
func (b *budget) product(n, size int) error {
	if n > 0 && size > maxString/n {
		return fmt.Errorf("%w: a text of more than %d MiB", errBudget, maxString>>20)
	}
	return b.step()
}

// replacement checks the size of a text in which a pattern is replaced.
func (b *budget) replacement(pattern, s, with string) error {
	if err := b.product(strings.Count(with, "$"), len(s)); err != nil {
		return err
	}
	if b.product(len(s)+1, len(with)) == nil {
		return nil
	}
	if re, err := regexp.Compile(pattern); err == nil { // else the function tells of it
		return b.product(len(re.FindAllStringIndex(s, maxList)), len(with))
	}
	return nil
}

// checkBlocks looks whether a template nests its blocks so deep that parsing it,
// or executing it, would use up the stack.
func checkBlocks(text string) error {
	depth, elses := 0, 0
	for {
		i := strings.Index(text, "{{")
		if i < 0 {
			return nil
		}
		text = text[i+2:]
		word := strings.TrimLeft(text[:min(len(text), 64)], "- \t\r\n")
		switch {
		case startsWord(word, "if", "with", "range", "block", "define"):
			depth++
		case startsWord(word, "else"):
			elses++
		case startsWord(word, "end"):
			depth--
		}
		if depth <= 0 {
			depth, elses = 0, 0
		}
		if depth+elses > maxBlocks {
			return fmt.Errorf("%w: blocks are nested deeper than %d", errBudget, maxBlocks)
		}
	}
}

func startsWord(s string, words ...string) bool {
	for _, w := range words {
		if rest, ok := strings.CutPrefix(s, w); ok && (rest == "" || rest[0]|0x20 < 'a' || rest[0]|0x20 > 'z') {
			return true
		}
	}
	return false
}

// enter counts a template within others.
func (b *budget) enter() error {
	if err := b.spend(4 * noteBytes); err != nil {
		return err
	}
	if b.depth++; b.depth > maxNesting {
		return fmt.Errorf("%w: templates are nested deeper than %d", errBudget, maxNesting)
	}
	return b.step()
}

func (b *budget) leave() { b.depth-- }

// check looks whether values can be printed or copied: those that hold
// themselves would overflow the stack, which no program survives.
func (b *budget) check(values ...any) error {
	for _, v := range values {
		switch v.(type) {
		case nil, string, bool, int, int64, float64:
			continue
		}
		if err := b.checkPrinted(reflect.ValueOf(v)); err != nil {
			return err
		}
	}
	return b.step()
}

func (b *budget) checkPrinted(v reflect.Value) error {
	if v = under(v); !isContainer(v) {
		return nil
	}
	parts := 0
	return measure(v, 0, &parts)
}

func measure(v reflect.Value, level int, parts *int) error {
	if v = under(v); !isContainer(v) {
		return nil
	}
	switch elem := v.Type().Elem().Kind(); elem {
	case reflect.Interface, reflect.Map, reflect.Slice, reflect.Pointer:
	default:
		return nil
	}
	if level > maxLevels {
		return fmt.Errorf("%w: a value is nested deeper than %d; it may hold itself", errBudget, maxLevels)
	}
	if *parts += v.Len(); *parts > maxParts {
		return fmt.Errorf("%w: a value has more than %d parts", errBudget, maxParts)
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			if err := measure(v.Index(i), level+1, parts); err != nil {
				return err
			}
		}
		return nil
	}
	for it := v.MapRange(); it.Next(); {
		if err := measure(it.Value(), level+1, parts); err != nil {
			return err
		}
	}
	return nil
}
