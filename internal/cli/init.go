package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/render"
)

func (p *program) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIRECTORY]",
		Short: "Write a commented " + config.FileName + " from what a directory holds",
		Args:  atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			inputs, err := render.Inputs(dir)
			if err != nil {
				return &session.UsageError{Err: err}
			}
			found := config.Found{Overlays: inputs.Overlays}
			for _, c := range inputs.Charts {
				found.Charts = append(found.Charts, config.ChartFound(c))
			}
			name := filepath.Join(dir, config.FileName)
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return usagef("%s is there already; remove it first", name)
			}
			if err != nil {
				return fmt.Errorf("writing the configuration: %w", err)
			}
			if err := config.Init(f, found); err != nil {
				_ = f.Close() // the first error is the one to report
				return fmt.Errorf("writing %s: %w", name, err)
			}
			if err := f.Close(); err != nil {
				return fmt.Errorf("writing %s: %w", name, err)
			}
			_, err = fmt.Fprintf(p.out, "wrote %s\n", name)
			return err
		},
	}
}
