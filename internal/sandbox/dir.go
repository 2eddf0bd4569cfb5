package sandbox

import (
	"errors"
	"os"
)

// InDir does something in another working directory. Empty: in the present one.
// It is for where no child can be started, and nothing else may go on meanwhile.
func InDir(dir string, do func()) (err error) {
	if dir != "" {
		here, err := os.Getwd()
		if err != nil {
			return err
		}
		if err := os.Chdir(dir); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.Chdir(here)) }()
	}
	do()
	return nil
}
