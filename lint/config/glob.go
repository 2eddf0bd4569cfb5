package config

import (
	"errors"
	"path"
	"regexp"
	"strings"
)

// checkGlob says what is wrong with a glob over paths, as ignore.MatchPath takes them.
func checkGlob(glob string) error {
	switch {
	case glob == "":
		return errors.New("the glob is empty; want a path, which may hold * and **")
	case strings.HasPrefix(glob, "/"):
		return errors.New(quote(glob) + " is absolute; want a path relative to the configuration")
	case strings.HasSuffix(glob, "/"):
		return errors.New(quote(glob) + " ends in a slash; want " + quote(glob+"**") + " for all that lies below")
	}
	for part := range strings.SplitSeq(glob, "/") {
		switch {
		case part == "**":
		case part == "":
			return errors.New(quote(glob) + " has two slashes in a row; want one")
		case part == "..", part == "." && glob != ".":
			return errors.New(quote(glob) + " holds " + part + "; want a plain path below the configuration")
		default:
			if err := checkPart(glob, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkName says what is wrong with a glob over names, which hold no slash.
func checkName(glob string) error {
	if strings.Contains(glob, "/") {
		return errors.New(quote(glob) + " holds a slash; want a glob over names")
	}
	return checkPart(glob, glob)
}

var (
	// braces finds those without a backslash.
	braces = regexp.MustCompile(`^(?:[^\\]|\\.)*?[{}]`)
	// letters finds those with a backslash, which separates directories on Windows.
	letters = regexp.MustCompile(`^(?:[^\\]|\\.)*?\\[\pL\pN._-]`)
)

func checkPart(glob, part string) error {
	switch _, err := path.Match(part, ""); {
	case part == "":
		return errors.New("the glob is empty; want a name, which may hold *")
	case err != nil:
		return errors.New("bad glob " + quote(glob) + "; want * ? and closed [a-z], with a backslash before what is meant literally")
	case letters.MatchString(part):
		return errors.New("bad glob " + quote(glob) + "; want forward slashes, and a backslash only before * ? [ ] { } \\")
	case strings.Contains(part, "**"):
		return errors.New("bad glob " + quote(glob) + "; want ** alone between slashes, and * anywhere else")
	case braces.MatchString(part):
		return errors.New("bad glob " + quote(glob) + "; want one glob for each case, since braces have no meaning")
	}
	return nil
}
